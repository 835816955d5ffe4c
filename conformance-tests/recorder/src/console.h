#ifndef CONSOLE_H
#define CONSOLE_H

#include "guest.h"

/* Prints: %d (s64), %u (u64), %x (u64), %s, %c. What is printed is buffered. */
void put(const char *format, ...);

/* Sends what is buffered. */
void flush(void);

/* Ends the machine: with success, or with the reason why it cannot go on. */
void finish(void);
void die(const char *why, long value) __attribute__((noreturn));

#endif
