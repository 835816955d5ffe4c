/* What the compiler takes for granted, and a little more. */
#include "string.h"

void *memset(void *to, int byte, size_t size)
{
    u8 *p = to;

    while (size--)
        *p++ = byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t size)
{
    u8 *p = to;
    const u8 *q = from;

    while (size--)
        *p++ = *q++;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const u8 *p = a, *q = b;

    for (; size; size--, p++, q++)
        if (*p != *q)
            return *p - *q;
    return 0;
}

int equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

int begins(const char *text, const char *with)
{
    while (*with && *text == *with)
        text++, with++;
    return !*with;
}
