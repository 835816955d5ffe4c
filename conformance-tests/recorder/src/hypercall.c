/* Hypercalls and memory accesses, d0's own and those of the other domains. */
#include "hypercall.h"
#include "console.h"
#include "string.h"

#define LOOK_AFTER 4096         /* yields between two looks at a domain that does not answer */
#define GIVE_UP_AFTER (50 * LOOK_AFTER)

#define FIELD(d, offset) (*(volatile u64 *)((d)->command + (offset)))

u64 probing;
static int no_tlb_flush;
static struct xen_domctl call;

/* In agent.S. */
void agent_call(void *command);

long domctl(u32 command, u16 domid, struct xen_domctl *dc)
{
    dc->cmd = command;
    dc->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    dc->domain = domid;
    return hypercall(__HYPERVISOR_domctl, (u64)dc, 0, 0, 0, 0);
}

long yield(void)
{
    return hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0, 0);
}

void set_tlb_flush(int on)
{
    no_tlb_flush = !on;
}

static long simple_domctl(u32 command, struct domain *d)
{
    memset(&call, 0, sizeof call);
    return domctl(command, d->domid, &call);
}

static int has_stopped(struct domain *d)
{
    u32 flags;

    if (simple_domctl(XEN_DOMCTL_getdomaininfo, d) == 0) {
        flags = call.u.getdomaininfo.flags;
        if (!(flags & (XEN_DOMINF_dying | XEN_DOMINF_shutdown)))
            return 0;
    }
    put("# domain %u stopped, flags %x\n", (u64)d->domid, (u64)call.u.getdomaininfo.flags);
    return 1;
}

/* Lets the domain do what its command page says, and nothing after it: 0 when it is done. */
static int let_run(struct domain *d)
{
    unsigned int yields = 0;

    FIELD(d, C_BELL) = 1;
    if (simple_domctl(XEN_DOMCTL_unpausedomain, d))
        return -1;
    while (FIELD(d, C_BELL)) {
        yield();
        if (++yields % LOOK_AFTER)
            continue;
        if (has_stopped(d))
            return -1;
        if (yields > GIVE_UP_AFTER) {
            put("# domain %u hangs\n", (u64)d->domid);
            return -1;
        }
    }
    simple_domctl(XEN_DOMCTL_pausedomain, d);
    return 0;
}

long hypercall_of(struct domain *d, int number, u64 a, u64 b, u64 c)
{
    if (d->domid == 0)
        return hypercall(number, a, b, c, 0, 0);
    if (d->dead)
        return -XEN_ESRCH;
    FIELD(d, C_KIND) = K_HYPERCALL;
    FIELD(d, C_NR) = number;
    FIELD(d, C_A0) = a;
    FIELD(d, C_A1) = b;
    FIELD(d, C_A2) = c;
    FIELD(d, C_A3) = 0;
    FIELD(d, C_A4) = 0;
    if (let_run(d)) {
        d->dead = 1;
        return STOPPED;
    }
    return FIELD(d, C_RESULT);
}

int command_of(struct domain *d, int kind, u64 a0, u64 a1, u64 *result, u64 *error)
{
    FIELD(d, C_KIND) = kind;
    FIELD(d, C_A0) = a0;
    FIELD(d, C_A1) = a1;
    if (d->domid == 0) {
        /* Xen leaves stale translations behind a map onto a present entry. The others' go when they are scheduled. */
        struct mmuext_op flush_local = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };

        if (!no_tlb_flush)
            hypercall(__HYPERVISOR_mmuext_op, (u64)&flush_local, 1, 0, DOMID_SELF, 0);
        probing = 1;
        agent_call(d->command);
        probing = 0;
    } else {
        if (d->dead)
            return STOPPED_FAULT;
        if (let_run(d)) {
            d->dead = 1;
            return STOPPED_FAULT;
        }
    }
    *result = FIELD(d, C_RESULT);
    *error = FIELD(d, C_ERROR);
    return FIELD(d, C_FAULT) ? (int)FIELD(d, C_FAULT) - 1 : 0;
}
