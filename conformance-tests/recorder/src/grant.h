#ifndef GRANT_H
#define GRANT_H

#include "line.h"

#define MAX_BATCH 96

struct grant_verb;

/* A verb that is an element of a grant_table_op; 0: it is none. */
const struct grant_verb *grant_verb(const char *name);

/*
 * Makes one call with lines as its elements, and prints the results. count is what the call is told. A batch has a line
 * of its own, whose result is that of the call; 0: the only line has it.
 */
void grant_call(const struct grant_verb *verb, const struct line *lines, int nr_lines, int batch, u64 count);

/* raw: any command, any argument. */
void grant_raw(const struct line *line);

/* Where a domain has the arguments of its calls, and the first of the lists that they name. */
u8 *arguments_of(struct domain *d);
u64 arguments_va(struct domain *d);
u64 *list_of(struct domain *d, int element);
u64 list_va(struct domain *d, int element);

#endif
