#ifndef LINE_H
#define LINE_H

#include "guest.h"

#define MAX_LINE 512            /* bytes, with the zero at the end */
#define MAX_ARGUMENTS 24

/* One line of a script: [@dK] VERB key=value ... */
struct line {
    int number;                 /* from 1, over all lines */
    struct domain *domain;      /* that executes it; 0: there is no such domain */
    const char *verb;
    int nr_arguments;
    const char *key[MAX_ARGUMENTS], *value[MAX_ARGUMENTS];
};

/* Takes a text apart, which stays in use. 0: nothing is to be done. */
int split(char *text, struct line *line);

/* The arguments of a line; what it does not have is as said. docs/script-language.md is the language. */
const char *arg_text(const struct line *line, const char *key);
int has_arg(const struct line *line, const char *key);
u64 arg_number(const struct line *line, const char *key, u64 absent);
u16 arg_domid(const struct line *line, const char *key, u16 absent);
u64 arg_address(const struct line *line, const char *key, u64 absent);
u64 arg_frame(const struct line *line, const char *key, u64 absent);
u32 arg_handle(const struct line *line, const char *key);

/* The domain whose table is meant: that of the line unless it says otherwise; 0: there is none. */
struct domain *arg_table(const struct line *line, const char *key);

/* dK.pN, pN, dK.mN, mN: 'p', 'm', or 0. */
int arg_symbol(const struct line *line, const char *key, struct domain **owner, u64 *n);

/* Keeps a handle in the variable that a line names. */
void keep_handle(const struct line *line, const char *key, u32 handle);

#endif
