/* Xen's console, which is the serial line; and the end of the machine. */
#include "console.h"
#include "hypercall.h"

#define BUFFER 16384
#define FLUSH_ABOVE 8192
#define AT_ONCE 2000            /* bytes of one console_io */

static char buffer[BUFFER];
static unsigned int used;

void flush(void)
{
    unsigned int at = 0;

    while (at < used) {
        unsigned int size = used - at > AT_ONCE ? AT_ONCE : used - at;

        hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, size, (u64)(buffer + at), 0, 0);
        at += size;
    }
    used = 0;
}

static void put_char(char c)
{
    if (used == sizeof buffer)
        flush();
    buffer[used++] = c;
}

static void put_number(u64 value, unsigned int base)
{
    char digits[24];
    int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        put_char(digits[--n]);
}

void put(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            put_char(*format);
            continue;
        }
        switch (*++format) {
        case 'd': {
            s64 value = va_arg(args, s64);

            if (value < 0)
                put_char('-');
            put_number(value < 0 ? -(u64)value : (u64)value, 10);
            break;
        }
        case 'u':
            put_number(va_arg(args, u64), 10);
            break;
        case 'x':
            put_number(va_arg(args, u64), 16);
            break;
        case 's':
            for (const char *s = va_arg(args, const char *); *s; s++)
                put_char(*s);
            break;
        case 'c':
            put_char(va_arg(args, int));
            break;
        default:
            put_char(*format);
        }
    }
    va_end(args);
    if (used > FLUSH_ABOVE)
        flush();
}

/* QEMU is told to take a reboot for the end. */
void finish(void)
{
    struct sched_shutdown reboot = { .reason = SHUTDOWN_reboot };

    flush();
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (u64)&reboot, 0, 0, 0);
}

void die(const char *why, long value)
{
    put("\nORACLE-DIED %s %d\n", why, (s64)value);
    finish();
    for (;;)
        ;
}
