/* Start-up: domain 0 of a script, its exceptions, and the way to the script. */
#include "console.h"
#include "guest.h"
#include "hypercall.h"
#include "script.h"
#include "string.h"
#include "window.h"

#define NR_EXCEPTIONS 20
#define GENERAL_PROTECTION 13
#define PAGE_FAULT 14

struct domain domains[MAX_DOMAINS];

/* In boot.S. */
extern u8 d0_page_fault[], d0_general_protection[], d0_other_exception[];

static u64 handler(int vector)
{
    switch (vector) {
    case PAGE_FAULT:
        return (u64)d0_page_fault;
    case GENERAL_PROTECTION:
        return (u64)d0_general_protection;
    default:
        return (u64)d0_other_exception;
    }
}

static void init_exceptions(void)
{
    static struct trap_info traps[NR_EXCEPTIONS + 1];
    int n = 0;
    long rc;

    for (int vector = 0; vector < NR_EXCEPTIONS; vector++) {
        if (vector == 2 || vector == 9 || vector == 15)
            continue;           /* NMI, and two that do not exist */
        traps[n].vector = vector;
        traps[n].flags = 4;     /* with events off */
        traps[n].cs = FLAT_KERNEL_CS;
        traps[n].address = handler(vector);
        n++;
    }
    rc = hypercall(__HYPERVISOR_set_trap_table, (u64)traps, 0, 0, 0, 0);
    if (rc)
        die("set_trap_table", rc);
}

/* An exception outside of a memory command is a fault of the guest's own. */
void fatal_exception(u64 error, u64 rip, int vector)
{
    put("\nexception %u ec=%x rip=%x\n", (u64)vector, error, rip);
    die("exception", vector);
}

static void init_d0(void)
{
    struct domain *d = &domains[0];

    d->used = 1;
    d->command = d0_command;
    d->command_va = (u64)d0_command;
    d->page_va = (u64)d0_pages;
    d->slot_va = (u64)d0_slots;
    for (int i = 0; i < NR_PAGES; i++)
        d->page_frame[i] = d->page_mfn[i] = own_mfn(d0_pages + i * PAGE);
    for (int i = 0; i < NR_SLOTS; i++)
        unmap(d0_slots + i * PAGE);
}

static void put_release(void)
{
    long version = hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);

    put("ORACLE-START xen-%u.%u\n", (u64)version >> 16, (u64)version & 0xffff);
}

/* The toolstack's interface has another number with each release: a guest of another release could do nothing. */
static void check_headers(void)
{
    static struct xen_domctl call;

    if (domctl(XEN_DOMCTL_getdomaininfo, 0, &call) == -XEN_EACCES)
        die("this Xen is of another release than the headers, whose domctl interface is", XEN_DOMCTL_INTERFACE_VERSION);
}

void guest_main(const start_info_t *info)
{
    windows_init(info);
    init_exceptions();
    init_d0();
    put_release();
    check_headers();
    if (!info->mod_start || !info->mod_len)
        die("there is no script", 0);
    run_script((const char *)info->mod_start, info->mod_len);
    put("ORACLE-END\n");
    finish();
    die("the machine does not end", 0);
}
