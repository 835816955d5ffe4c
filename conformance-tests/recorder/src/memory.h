#ifndef MEMORY_H
#define MEMORY_H

#include "line.h"

/* The verbs of memory. */
void verb_rd(const struct line *line);
void verb_wr(const struct line *line);
void verb_fill(const struct line *line);
void verb_hash(const struct line *line);
void verb_pte(const struct line *line);
void verb_setpte(const struct line *line);
void verb_memop(const struct line *line);

#endif
