#ifndef SCRIPT_H
#define SCRIPT_H

#include <stddef.h>

/* Executes a script, line by line and strictly in order. */
void run_script(const char *text, size_t size);

#endif
