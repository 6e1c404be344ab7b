/* SPDX-License-Identifier: Apache-2.0 */
/* fused_conv.c: what onnxruntime's FusedConv does with a convolution's results: adds input 3, and an activation. */
#include <string.h>

#include "base/math/exponential.h"
#include "base/math/float_bits.h"
#include "net/op/fused_conv.h"

enum activation { NOTHING, RELU, TANH, SIGMOID, LEAKY_RELU, CLIP, HARD_SIGMOID, UNKNOWN };

static enum activation
activation_of(const struct tmo_step *step, float parameter[2])
{
	static const char *const names[] = { "", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid" };
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, "activation_params");
	const char *const name = tmo_node_text(step->node, "activation", "");
	enum activation i = NOTHING;

	while (i < UNKNOWN && strcmp(names[i], name) != 0)
		i++;
	parameter[0] = i == LEAKY_RELU ? 0.01f : i == HARD_SIGMOID ? 0.2f : -__builtin_inff();
	parameter[1] = i == HARD_SIGMOID ? 0.5f : __builtin_inff();
	if (a != NULL && a->kind == TMO_ATTRIBUTE_FLOATS)
		for (size_t k = 0; k < a->count && k < 2; k++)
			parameter[k] = a->reals[k];
	return i;
}

int
tmo_fused_conv_check(const struct tmo_step *step, struct tmo_error *err)
{
	float parameter[2];

	if (activation_of(step, parameter) == UNKNOWN)
		return tmo_fail_unsupported(err, "activation %s", tmo_node_text(step->node, "activation", ""));
	if (tmo_step_has_input(step, 3) && tmo_fact_count(&step->input[3]) != tmo_fact_count(&step->output[0]))
		return tmo_fail(err, "input 3 has not the result's shape; the model is damaged");
	return 0;
}

static float
activated(float x, enum activation activation, const float parameter[2])
{
	switch (activation) {
	case RELU:
		return 0.0f > x ? 0.0f : x;
	case TANH:
		return tmo_tanh(x);
	case SIGMOID:
		return tmo_sigmoid(x);
	case LEAKY_RELU:
		return x < 0.0f ? parameter[0] * x : x;
	case CLIP:
		x = parameter[0] > x ? parameter[0] : x;
		return x > parameter[1] ? parameter[1] : x;
	case HARD_SIGMOID:
		x = parameter[0] * x + parameter[1];
		return 0.0f > x ? 0.0f : x > 1.0f ? 1.0f : x;
	default:
		return x;
	}
}

void
tmo_fused_conv_finish(const struct tmo_step *step, const struct tmo_work *work, size_t first, size_t count)
{
	const float *const addend = tmo_step_has_input(step, 3) ? (const float *)work->input[3]->data + first : NULL;
	float *const y = (float *)work->output[0]->data + first;
	float parameter[2];
	const enum activation activation = activation_of(step, parameter);

	for (size_t i = 0; i < count; i++)
		y[i] = tmo_f32_one_nan(activated(addend != NULL ? y[i] + addend[i] : y[i], activation, parameter));
}
