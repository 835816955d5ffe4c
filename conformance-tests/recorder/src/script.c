/* The interpreter: one line, one operation, one line of result. docs/script-language.md is the language. */
#include "script.h"
#include "console.h"
#include "grant.h"
#include "hypercall.h"
#include "line.h"
#include "memory.h"
#include "names.h"
#include "string.h"
#include "table.h"
#include "toolstack.h"

#define MAX_BATCH_LINE 256      /* bytes, with the zero at the end */

static struct {
    int number;                 /* of the line that began it */
    int wanted, collected;      /* lines; nothing wanted: there is no batch */
    u64 count;                  /* that the call is told; 0: the number of lines */
    struct line line[MAX_BATCH];
    char text[MAX_BATCH][MAX_BATCH_LINE];
} batch;

static void verb_opt(const struct line *line)
{
    if (has_arg(line, "tlbflush"))
        set_tlb_flush(arg_number(line, "tlbflush", 1) != 0);
    if (has_arg(line, "raw"))
        print_raw_handles(arg_number(line, "raw", 0) != 0);
    if (has_arg(line, "hold_status")) {
        int on = arg_number(line, "hold_status", 0) != 0;
        long rc = hold_status(on);

        if (on)
            put(" hold=%d", (s64)rc);
    }
    put(" ok");
}

static const struct { const char *name; void (*run)(const struct line *line); } verbs[] = {
    { "ent", verb_ent },
    { "ent1", verb_ent1 },
    { "ent2", verb_ent2 },
    { "ent2t", verb_ent2t },
    { "rdent", verb_rdent },
    { "scan", verb_scan },
    { "status", verb_status },
    { "forget", verb_forget },
    { "rd", verb_rd },
    { "wr", verb_wr },
    { "hash", verb_hash },
    { "fill", verb_fill },
    { "pte", verb_pte },
    { "setpte", verb_setpte },
    { "memop", verb_memop },
    { "raw", grant_raw },
    { "create", verb_create },
    { "destroy", verb_destroy },
    { "dominfo", verb_dominfo },
    { "yield", verb_yield },
    { "opt", verb_opt },
};

static void run_verb(const struct line *line)
{
    for (unsigned int i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (equal(verbs[i].name, line->verb)) {
            verbs[i].run(line);
            return;
        }
    put(" unknown-op");
}

static void execute(const struct line *line)
{
    const struct grant_verb *verb = grant_verb(line->verb);

    if (!line->domain)
        put("%u %s nodomain\n", (u64)line->number, line->verb);
    else if (line->domain->dead && !equal(line->verb, "destroy"))
        put("%u %s deaddomain\n", (u64)line->number, line->verb);
    else if (verb)
        grant_call(verb, line, 1, 0, arg_number(line, "count", 1));
    else {
        put("%u %s", (u64)line->number, line->verb);
        run_verb(line);
        put("\n");
    }
}

static void begin_batch(const struct line *line)
{
    u64 n = arg_number(line, "n", 1);

    batch.number = line->number;
    batch.wanted = n > MAX_BATCH ? MAX_BATCH : n;
    batch.collected = 0;
    batch.count = arg_number(line, "count", 0);
}

static void execute_batch(void)
{
    const struct line *first = batch.line;
    const struct grant_verb *verb = grant_verb(first->verb);
    int fits = verb && first->domain && !first->domain->dead;

    for (int i = 1; i < batch.collected; i++)
        fits &= equal(batch.line[i].verb, first->verb) && batch.line[i].domain == first->domain;
    if (fits)
        grant_call(verb, first, batch.collected, batch.number, batch.count ? batch.count : (u64)batch.collected);
    else
        put("%u batch bad\n", (u64)batch.number);
}

static void collect(const char *text, int number)
{
    struct line *line = &batch.line[batch.collected];
    char *copy = batch.text[batch.collected];
    size_t size = 0;

    for (; text[size] && size < MAX_BATCH_LINE - 1; size++)
        copy[size] = text[size];
    copy[size] = 0;
    if (!split(copy, line))
        return;
    line->number = number;
    if (++batch.collected == batch.wanted) {
        execute_batch();
        batch.wanted = 0;
    }
}

static void interpret(char *text, int number)
{
    static struct line line;

    if (batch.wanted) {
        collect(text, number);
        return;
    }
    if (!split(text, &line))
        return;
    line.number = number;
    if (equal(line.verb, "batch"))
        begin_batch(&line);
    else
        execute(&line);
}

void run_script(const char *text, size_t size)
{
    static char line[MAX_LINE];
    size_t at = 0;

    for (int number = 1; at < size; number++) {
        size_t length = 0;

        for (; at < size && text[at] != '\n'; at++)
            if (length < MAX_LINE - 1)
                line[length++] = text[at];
        at++;
        line[length] = 0;
        interpret(line, number);
    }
    flush();
}
