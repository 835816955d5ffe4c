#ifndef TABLE_H
#define TABLE_H

#include "line.h"

/* The verbs that look at a grant table from outside: no hypercall of the script, no check. */
void verb_ent(const struct line *line);
void verb_ent1(const struct line *line);
void verb_ent2(const struct line *line);
void verb_ent2t(const struct line *line);
void verb_rdent(const struct line *line);
void verb_status(const struct line *line);
void verb_scan(const struct line *line);
void verb_forget(const struct line *line);

/* Keeps d0's first status frame mapped, or lets it go. Returns what Xen says to that. */
long hold_status(int on);

#endif
