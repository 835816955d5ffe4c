#ifndef HYPERCALL_H
#define HYPERCALL_H

#include "guest.h"

/* d0's own hypercalls. */
long hypercall(long number, u64 a, u64 b, u64 c, u64 d, u64 e);
long domctl(u32 command, u16 domid, struct xen_domctl *call);
long yield(void);

/* A hypercall of a domain. STOPPED: Xen stopped the domain in it. */
long hypercall_of(struct domain *d, int number, u64 a, u64 b, u64 c);

/* A memory command of a domain: 0, or the vector of the exception, or STOPPED_FAULT. */
int command_of(struct domain *d, int kind, u64 a0, u64 a1, u64 *result, u64 *error);

/* Whether d0's translations are flushed before each of its memory commands. */
void set_tlb_flush(int on);

/* True while a memory command of d0 runs: then an exception is its result. */
extern u64 probing;

#endif
