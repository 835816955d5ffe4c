#ifndef STRING_H
#define STRING_H

#include "guest.h"

void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
int equal(const char *a, const char *b);
int begins(const char *text, const char *with);

#endif
