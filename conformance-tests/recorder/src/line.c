/* Lines and their operands. What is malformed means something anyway: a number ends where it stops to be one. */
#include "line.h"
#include "string.h"
#include "window.h"

#define NR_VARIABLES 256
#define NO_HANDLE (~0u)

static u32 variables[NR_VARIABLES] = { [0 ... NR_VARIABLES - 1] = NO_HANDLE };

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static u64 read_number(const char **text)
{
    const char *s = *text;
    u64 value = 0;
    int negative = *s == '-';

    s += negative;
    if (begins(s, "0x")) {
        for (s += 2; is_digit(*s) || (*s >= 'a' && *s <= 'f'); s++)
            value = value * 16 + (is_digit(*s) ? *s - '0' : *s - 'a' + 10);
    } else {
        for (; is_digit(*s); s++)
            value = value * 10 + *s - '0';
    }
    *text = s;
    return negative ? -value : value;
}

static u64 number(const char *text)
{
    return read_number(&text);
}

static struct domain *executor(const char *word)
{
    u64 k = number(word + (*word == 'd'));

    return k < MAX_DOMAINS && domains[k].used ? &domains[k] : 0;
}

int split(char *text, struct line *line)
{
    line->nr_arguments = 0;
    line->verb = 0;
    line->domain = &domains[0];
    for (;;) {
        char *word, *equals = 0;

        while (is_blank(*text))
            text++;
        if (!*text || *text == '#')
            break;
        word = text;
        for (; *text && !is_blank(*text); text++)
            if (*text == '=' && !equals)
                equals = text;
        if (*text)
            *text++ = 0;
        if (*word == '@') {
            line->domain = executor(word + 1);
        } else if (!line->verb) {
            line->verb = word;
        } else if (line->nr_arguments < MAX_ARGUMENTS) {
            if (equals)
                *equals = 0;
            line->key[line->nr_arguments] = word;
            line->value[line->nr_arguments++] = equals ? equals + 1 : word;
        }
    }
    return line->verb != 0;
}

const char *arg_text(const struct line *line, const char *key)
{
    for (int i = 0; i < line->nr_arguments; i++)
        if (equal(line->key[i], key))
            return line->value[i];
    return 0;
}

int has_arg(const struct line *line, const char *key)
{
    return arg_text(line, key) != 0;
}

u64 arg_number(const struct line *line, const char *key, u64 absent)
{
    const char *s = arg_text(line, key);

    return s ? number(s) : absent;
}

u16 arg_domid(const struct line *line, const char *key, u16 absent)
{
    static const struct { const char *name; u16 domid; } special[] = {
        { "self", DOMID_SELF }, { "io", DOMID_IO }, { "xen", DOMID_XEN }, { "cow", DOMID_COW },
        { "invalid", DOMID_INVALID }, { "idle", DOMID_IDLE },
    };
    const char *s = arg_text(line, key);

    if (!s)
        return absent;
    for (unsigned int i = 0; i < sizeof special / sizeof *special; i++)
        if (equal(s, special[i].name))
            return special[i].domid;
    return number(s + (*s == 'd'));
}

struct domain *arg_table(const struct line *line, const char *key)
{
    const char *s = arg_text(line, key);

    return s ? executor(s) : line->domain;
}

/* Reads a symbol, if one comes next. */
static int read_symbol(const char **text, struct domain *here, struct domain **owner, u64 *n)
{
    const char *s = *text;
    int kind;

    *owner = here;
    if (*s == 'd' && is_digit(s[1])) {
        u64 k;

        s++;
        k = read_number(&s);
        if (*s++ != '.' || k >= MAX_DOMAINS)
            return 0;
        *owner = &domains[k];
    }
    kind = *s;
    if ((kind != 'p' && kind != 'm') || !is_digit(s[1]))
        return 0;
    s++;
    *n = read_number(&s);
    if (*n >= NR_PAGES)
        return 0;
    *text = s;
    return kind;
}

int arg_symbol(const struct line *line, const char *key, struct domain **owner, u64 *n)
{
    const char *s = arg_text(line, key);

    return s ? read_symbol(&s, line->domain, owner, n) : 0;
}

static u64 frame_of(struct domain *d, int kind, u64 n)
{
    if (kind == 'p')
        return d->page_frame[n];
    return d->hvm ? (d->slot_va >> PAGE_BITS) + n : NO_FRAME;
}

/* Machine address of the page-table entry of a slot. */
static u64 entry_address(struct domain *d, u64 slot)
{
    u64 va = d->slot_va + slot * PAGE;
    u64 frame = d->domid ? d->l1_frame : l1_frame_of((void *)va);

    return (frame << PAGE_BITS) + ((va >> PAGE_BITS) & 511) * 8;
}

u64 arg_address(const struct line *line, const char *key, u64 absent)
{
    const char *s = arg_text(line, key);
    struct domain *d;
    u64 n, address;
    int kind;

    if (!s)
        return absent;
    if (begins(s, "pte:")) {
        s += 4;
        kind = read_symbol(&s, line->domain, &d, &n);
        address = kind == 'm' ? entry_address(d, n) : 0;
    } else if (begins(s, "ma:")) {
        s += 3;
        kind = read_symbol(&s, line->domain, &d, &n);
        address = kind ? frame_of(d, kind, n) << PAGE_BITS : 0;
    } else if ((kind = read_symbol(&s, line->domain, &d, &n))) {
        address = (kind == 'p' ? d->page_va : d->slot_va) + n * PAGE;
    } else {
        address = read_number(&s);
    }
    if (*s == '+') {
        s++;
        address += read_number(&s);
    }
    return address;
}

u64 arg_frame(const struct line *line, const char *key, u64 absent)
{
    const char *s = arg_text(line, key);
    struct domain *d;
    u64 n;
    int kind;

    if (!s)
        return absent;
    if (equal(s, "none"))
        return NO_FRAME;
    kind = read_symbol(&s, line->domain, &d, &n);
    return kind ? frame_of(d, kind, n) : number(s);
}

u32 arg_handle(const struct line *line, const char *key)
{
    const char *s = arg_text(line, key);
    u64 n;

    if (!s)
        return NO_HANDLE;
    if (*s == 'v')
        return variables[number(s + 1) % NR_VARIABLES];
    if (*s != '#')
        return number(s);
    n = number(s + 1);
    return n < (u64)line->domain->nr_seen ? line->domain->seen[n] : NO_HANDLE;
}

void keep_handle(const struct line *line, const char *key, u32 handle)
{
    const char *s = arg_text(line, key);

    if (s)
        variables[number(s + (*s == 'v')) % NR_VARIABLES] = handle;
}
