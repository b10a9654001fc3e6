// SPDX-License-Identifier: MIT
/* refuse: the sentence of the last refusal (refuse.h). */
#include "qgm/re/refuse.h"

#include "qgm/compiler.h"

static const char *sentence __generic;

int refuse(int err, const char *why)
{
	sentence = why;
	return err;
}

const char *refuse_why(void)
{
	return sentence ? sentence : "";
}

void refuse_clear(void)
{
	sentence = NULL;
}
