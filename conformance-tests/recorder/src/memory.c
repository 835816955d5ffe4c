/* Loads and stores, page-table entries, and memory_op. */
#include "memory.h"
#include "console.h"
#include "grant.h"
#include "hypercall.h"
#include "names.h"
#include "string.h"
#include "window.h"

#define PRESENT 1
#define PTE_BITS 0xfff0000000000fffull          /* all of an entry but its frame */
#define ACCESSED_AND_DIRTY 0x60ull
#define PV_PFN(domid, page) (0x1000ul * (domid) + 16 + (page))

/* 1: done. */
static int access(const struct line *line, int kind, u64 value, u64 *result)
{
    u64 error;
    int vector = command_of(line->domain, kind, arg_address(line, "addr", 0), value, result, &error);

    if (vector == STOPPED_FAULT)
        put(" stopped");
    else if (vector)
        put(" fault=%u ec=%x", (u64)vector, error);
    return !vector;
}

void verb_rd(const struct line *line)
{
    u64 value;

    if (access(line, K_READ, 0, &value))
        put(" val=%x", value);
}

void verb_hash(const struct line *line)
{
    u64 hash;

    if (access(line, K_HASH, 0, &hash))
        put(" hash=%x", hash);
}

static void store(const struct line *line, int kind)
{
    u64 unused;

    if (access(line, kind, arg_number(line, "val", 0), &unused))
        put(" ok");
}

void verb_wr(const struct line *line)
{
    store(line, K_WRITE);
}

void verb_fill(const struct line *line)
{
    store(line, K_FILL);
}

void verb_pte(const struct line *line)
{
    struct domain *d;
    u64 n, va, l1, entry;

    if (arg_symbol(line, "addr", &d, &n) != 'm' || d->hvm) {
        put(" n/a");
        return;
    }
    va = d->slot_va + n * PAGE;
    l1 = d->domid ? d->l1_frame : l1_frame_of((void *)va);
    if (map_frame(look_window, l1, d->domid, 1)) {
        put(" n/a");
        return;
    }
    entry = ((volatile u64 *)look_window)[(va >> PAGE_BITS) & 511];
    unmap(look_window);
    if (entry & PRESENT) {
        put(" bits=%x frame=", entry & PTE_BITS & ~ACCESSED_AND_DIRTY);
        put_mfn(PTE_FRAME(entry));
    } else {
        put(" absent");
        if (entry)
            put(" bits=%x", entry & PTE_BITS);
    }
}

void verb_setpte(const struct line *line)
{
    u64 frame = arg_frame(line, "frame", NO_FRAME), entry = 0;

    if (frame != NO_FRAME)
        entry = (frame << PAGE_BITS) | (arg_number(line, "rw", 1) ? PTE_RW : PTE_RO);
    put_rc(hypercall_of(line->domain, __HYPERVISOR_update_va_mapping, arg_address(line, "addr", 0), entry,
                        UVMF_INVLPG));
}

static long memory_op(struct domain *d, int command)
{
    return hypercall_of(d, __HYPERVISOR_memory_op, command, arguments_va(d), 0);
}

/* One extent, whose number stands in the first list. */
static long change_reservation(struct domain *d, int command, u64 frame)
{
    struct xen_memory_reservation *reservation = (void *)arguments_of(d);

    *list_of(d, 0) = frame;
    *(u64 *)&reservation->extent_start = list_va(d, 0);
    reservation->nr_extents = 1;
    reservation->domid = DOMID_SELF;
    return memory_op(d, command);
}

/* The page that a name means is populated: the name means the new frame from now on. */
static void name_populated(struct domain *caller, struct domain *owner, u64 page)
{
    u64 mfn = *list_of(caller, 0), frame = mfn;

    if (caller->hvm) {
        frame = owner->page_frame[page];
        if (!map_frame(look_window, frame, owner->domid, 1)) {
            mfn = mapped_mfn(look_window);
            unmap(look_window);
        }
    }
    name_page(owner, page, mfn, frame);
}

static long populate(const struct line *line)
{
    struct domain *d = line->domain, *owner;
    u64 n, frame = arg_frame(line, "frame", 0);
    int is_page = arg_symbol(line, "frame", &owner, &n) == 'p';
    long rc;

    if (is_page && !d->hvm)     /* PV: not the old frame but a pfn is asked for */
        frame = PV_PFN(d->domid, n);
    rc = change_reservation(d, XENMEM_populate_physmap, frame);
    if (rc == 1 && is_page)
        name_populated(d, owner, n);
    return rc;
}

static long remove(const struct line *line)
{
    struct xen_remove_from_physmap *remove = (void *)arguments_of(line->domain);

    remove->domid = DOMID_SELF;
    remove->gpfn = arg_frame(line, "frame", 0);
    return memory_op(line->domain, XENMEM_remove_from_physmap);
}

static long add(const struct line *line)
{
    struct xen_add_to_physmap *add = (void *)arguments_of(line->domain);

    add->domid = arg_domid(line, "dom", DOMID_SELF);
    add->space = arg_number(line, "space", XENMAPSPACE_grant_table);
    add->idx = arg_number(line, "idx", 0);
    add->gpfn = arg_frame(line, "frame", 0);
    return memory_op(line->domain, XENMEM_add_to_physmap);
}

void verb_memop(const struct line *line)
{
    const char *sub = arg_text(line, "sub");

    memset(arguments_of(line->domain), 0, PAGE);
    if (!sub)
        put(" ?sub");
    else if (equal(sub, "decrease"))
        put_rc(change_reservation(line->domain, XENMEM_decrease_reservation, arg_frame(line, "frame", 0)));
    else if (equal(sub, "populate"))
        put_rc(populate(line));
    else if (equal(sub, "remove"))
        put_rc(remove(line));
    else if (equal(sub, "add"))
        put_rc(add(line));
    else
        put_rc(-1);
}
