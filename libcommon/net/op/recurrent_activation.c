/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/math/elementary.h"
#include "base/math/exponential.h"
#include "net/op/recurrent.h"

enum { AFFINE, RELU, THRESHOLDED_RELU, TANH, LEAKY_RELU, SCALED_TANH, SIGMOID, HARD_SIGMOID, ELU, SOFTSIGN, SOFTPLUS };

/* Their names, and alpha and beta where the node does not say: by ONNX's operators of those names. */
static const struct known {
	const char *name;
	int function;
	bool has_alpha, has_beta;
	float alpha, beta;
} known[] = {
	{ "Affine", AFFINE, true, true, 1.0f, 0.0f },
	{ "Relu", RELU, false, false, 0.0f, 0.0f },
	{ "ThresholdedRelu", THRESHOLDED_RELU, true, false, 1.0f, 0.0f },
	{ "Tanh", TANH, false, false, 0.0f, 0.0f },
	{ "LeakyRelu", LEAKY_RELU, true, false, 0.01f, 0.0f },
	{ "ScaledTanh", SCALED_TANH, true, true, 1.0f, 1.0f },
	{ "Sigmoid", SIGMOID, false, false, 0.0f, 0.0f },
	{ "HardSigmoid", HARD_SIGMOID, true, true, 0.2f, 0.5f },
	{ "Elu", ELU, true, false, 1.0f, 0.0f },
	{ "Softsign", SOFTSIGN, false, false, 0.0f, 0.0f },
	{ "Softplus", SOFTPLUS, false, false, 0.0f, 0.0f },
};

static const char *const usual[3][TMO_RECURRENT_ACTIVATIONS] = {
	[TMO_RNN] = { "Tanh" }, [TMO_LSTM] = { "Sigmoid", "Tanh", "Tanh" }, [TMO_GRU] = { "Sigmoid", "Tanh" },
};

static const struct known *
find(const char *name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

/* The next number of a list, of which `used` are used up. */
static float
next(const struct tmo_attribute *list, size_t *used, float otherwise)
{
	return list != NULL && list->kind == TMO_ATTRIBUTE_FLOATS && *used < list->count ? list->reals[(*used)++] :
	       otherwise;
}

int
tmo_recurrent_activations(const struct tmo_step *step, struct tmo_recurrent *r, struct tmo_error *err)
{
	const struct tmo_attribute *const names = tmo_node_attribute(step->node, "activations");
	const struct tmo_attribute *const alphas = tmo_node_attribute(step->node, "activation_alpha");
	const struct tmo_attribute *const betas = tmo_node_attribute(step->node, "activation_beta");
	size_t each = 0, alpha = 0, beta = 0;

	while (each < TMO_RECURRENT_ACTIVATIONS && usual[r->kind][each] != NULL)
		each++;
	if (names != NULL && (names->kind != TMO_ATTRIBUTE_TEXTS || names->count != each * r->directions))
		return tmo_fail(err, "%zu activations for %zu directions; the model is damaged", names->count, r->directions);
	for (size_t i = 0; i < each * r->directions; i++) {
		const char *const name = names != NULL ? names->texts[i] : usual[r->kind][i % each];
		const struct known *const k = find(name);

		if (k == NULL)
			return tmo_fail_unsupported(err, "activation %.60s", name);
		r->activation[i / each][i % each] = (struct tmo_activation){
			.function = k->function,
			.alpha = k->has_alpha ? next(alphas, &alpha, k->alpha) : 0.0f,
			.beta = k->has_beta ? next(betas, &beta, k->beta) : 0.0f,
		};
	}
	return 0;
}

float
tmo_activate(const struct tmo_activation *a, float x)
{
	switch (a->function) {
	case AFFINE: return a->alpha * x + a->beta;
	case RELU: return 0 > x ? 0 : x;
	case THRESHOLDED_RELU: return x > a->alpha ? x : 0.0f;
	case TANH: return tmo_tanh(x);
	case LEAKY_RELU: return x < 0 ? a->alpha * x : x;
	case SCALED_TANH: return a->alpha * tmo_tanh(a->beta * x);
	case SIGMOID: return tmo_sigmoid(x);
	case HARD_SIGMOID: {
		const float y = a->alpha * x + a->beta;

		return y > 1 ? 1 : y < 0 ? 0 : y;
	}
	case ELU: return x < 0 ? a->alpha * tmo_expm1(x) : x;
	case SOFTSIGN: return x / (1 + fabsf(x));
	default: return tmo_softplus(x);
	}
}
