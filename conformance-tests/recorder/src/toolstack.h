#ifndef TOOLSTACK_H
#define TOOLSTACK_H

#include "line.h"

/* The verbs of d0's toolstack. */
void verb_create(const struct line *line);
void verb_destroy(const struct line *line);
void verb_dominfo(const struct line *line);
void verb_yield(const struct line *line);

#endif
