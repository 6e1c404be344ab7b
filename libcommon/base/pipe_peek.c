/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With tee(2), which copies from pipe to pipe and leaves the bytes where they are. Where there is none,
 * nothing can be seen.
 */
#define _GNU_SOURCE
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/pipe_peek.h"
#include "base/read_write.h"

#ifdef HAVE_TEE

/* Until `size` bytes wait in the pipe, or no more will come. */
static void
wait_for(int fd, size_t size)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int waiting = 0;

	while (poll(&p, 1, -1) >= 0 || errno == EINTR) {
		if (ioctl(fd, FIONREAD, &waiting) < 0 || (size_t)waiting >= size ||
		    (p.revents & (POLLHUP | POLLERR | POLLNVAL)))
			return;
		nanosleep(&pause, NULL);
	}
}

int
tmo_pipe_peek(int fd, unsigned char *head, size_t size, size_t *got, struct tmo_error *err)
{
	ssize_t copied;
	int copy[2];
	int status = 0;

	*got = 0;
	if (pipe(copy) < 0)
		return tmo_fail_system(err, "cannot make a pipe");
	wait_for(fd, size);
	copied = tee(fd, copy[1], size, SPLICE_F_NONBLOCK);
	if (copied > 0)
		status = tmo_read_full(copy[0], head, (size_t)copied, got, err);
	close(copy[0]);
	close(copy[1]);
	return status;
}

#else

int
tmo_pipe_peek(int fd, unsigned char *head, size_t size, size_t *got, struct tmo_error *err)
{
	(void)fd;
	(void)head;
	(void)size;
	(void)err;
	*got = 0;
	return 0;
}

#endif
