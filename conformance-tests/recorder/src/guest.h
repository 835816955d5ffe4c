/* What all parts of the guest share: types, Xen's interface, the domains of a script. */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* The toolstack's calls are not for everybody. */
#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/errno.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/domctl.h>
#include <xen/arch-x86/hvm/save.h>
#include <xen/hvm/params.h>
#include <xen/version.h>

#include "command.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define PAGE 4096ul
#define PAGE_BITS 12
#define NR_PAGES 64             /* p0..p63 of each domain */
#define NR_SLOTS 64             /* m0..m63 of each domain */
#define MAX_DOMAINS 6           /* d0..d5 */
#define MAX_TABLE_FRAMES 64     /* frames of a grant table that can be looked at */
#define COMMAND_PAGES 4         /* command, arguments (2), frame lists */
#define MAX_SEEN 512            /* handles of a domain that have numbers of their own */

#define NO_FRAME (~0ul)
#define PTE_FRAME(pte) (((pte) >> PAGE_BITS) & 0xffffffffffull)
#define PTE_RO 0x65             /* dirty, accessed, user, present */
#define PTE_RW 0x67             /* and writable */

/* Results of our own, beside those of Xen. */
#define STOPPED (-9999)         /* of a hypercall: Xen stopped the domain in it */
#define STOPPED_FAULT 999       /* of a memory command: the same */

struct domain {
    int used;                   /* created, perhaps destroyed since */
    int dead;                   /* executes nothing: destroyed, crashed, or never built */
    int hvm;
    u16 domid;
    u8 *command;                /* d0's view of the command page and what follows it */
    u64 command_va;             /* the domain's own view */
    u64 page_va, slot_va;       /* where p0 and m0 are in the domain */
    u64 page_mfn[NR_PAGES];     /* machine frame that a name stands for; to print it */
    u64 page_frame[NR_PAGES];   /* the same as the domain knows it: mfn (PV) or gfn (HVM) */
    u64 l1_frame;               /* PV: the page table that has the slots */
    int table_mapped[MAX_TABLE_FRAMES];
    u32 seen[MAX_SEEN];         /* handles in the order in which the domain was shown them */
    int nr_seen;
};

extern struct domain domains[MAX_DOMAINS];

#endif
