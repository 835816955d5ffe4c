/* Printing what differs from run to run as names that do not. */
#include "names.h"
#include "console.h"

#define MAX_SHOWN 256
#define HVM_PAGES 0x40010       /* gfn of p0 and m0 of every HVM domain */
#define HVM_SLOTS 0x40080
#define NOBODYS_FRAME 0xffffffe /* what a PV domain's page is when it has become another's */

static u64 shown[MAX_SHOWN];    /* frames of lists, by their numbers */
static int nr_shown;
static int raw_handles;

void name_page(struct domain *d, u64 page, u64 mfn, u64 frame)
{
    for (int k = 0; k < MAX_DOMAINS; k++)
        for (int i = 0; i < NR_PAGES; i++)
            if (domains[k].page_mfn[i] == mfn) {
                domains[k].page_mfn[i] = NO_FRAME;
                if (!domains[k].hvm)
                    domains[k].page_frame[i] = NOBODYS_FRAME;
            }
    d->page_mfn[page] = mfn;
    d->page_frame[page] = frame;
}

void put_rc(long rc)
{
    if (rc == STOPPED)
        put(" rc=stopped");
    else
        put(" rc=%d", (s64)rc);
}

void put_status(s16 status)
{
    if (status == UNSET_STATUS)
        put(" status=-");
    else
        put(" status=%d", (s64)status);
}

void print_raw_handles(int on)
{
    raw_handles = on;
}

void put_handle(struct domain *d, u32 handle)
{
    int i = 0;

    while (i < d->nr_seen && d->seen[i] != handle)
        i++;
    if (i == d->nr_seen && d->nr_seen < MAX_SEEN)
        d->seen[d->nr_seen++] = handle;
    put(" h=#%u", (u64)i);
    if (raw_handles)
        put(" raw=%u", (u64)handle);
}

/* Prints dK.pN, if some domain's page is that machine frame. */
static int put_page(u64 mfn)
{
    if (mfn == NO_FRAME)    /* that of a page which was given away, too */
        return 0;
    for (int k = 0; k < MAX_DOMAINS; k++)
        for (int i = 0; domains[k].used && i < NR_PAGES; i++)
            if (domains[k].page_mfn[i] == mfn) {
                put("d%u.p%u", (u64)k, (u64)i);
                return 1;
            }
    return 0;
}

static int put_gfn(u64 gfn, struct domain *d)
{
    u64 slots = d->slot_va >> PAGE_BITS;

    for (int i = 0; i < NR_PAGES; i++)
        if (d->page_frame[i] == gfn) {
            put("d%u.p%u", (u64)d->domid, (u64)i);
            return 1;
        }
    if (gfn < slots || gfn >= slots + NR_SLOTS)
        return 0;
    put("d%u.m%u", (u64)d->domid, gfn - slots);
    return 1;
}

void put_entry_frame(u64 frame, struct domain *of)
{
    if (of->hvm && put_gfn(frame, of))
        return;
    if (!put_page(frame))
        put("%x", frame);
}

void put_mfn(u64 mfn)
{
    if (!put_page(mfn))
        put("other");
}

void put_list_frame(u64 frame)
{
    int i = 0;

    if (frame == NO_FRAME) {
        put("none");
    } else if (frame == UNSET_LIST_FRAME) {
        put("-");
    } else if (frame >= HVM_SLOTS && frame < HVM_SLOTS + NR_SLOTS) {
        put("m%u", frame - HVM_SLOTS);
    } else if (frame >= HVM_PAGES && frame < HVM_PAGES + NR_PAGES) {
        put("p%u", frame - HVM_PAGES);
    } else {
        while (i < nr_shown && shown[i] != frame)
            i++;
        if (i == nr_shown && nr_shown < MAX_SHOWN)
            shown[nr_shown++] = frame;
        put("g%u", (u64)i);
    }
}
