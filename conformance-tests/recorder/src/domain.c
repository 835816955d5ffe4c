/* Building the other domains, as a toolstack does. */
#include "domain.h"
#include "console.h"
#include "hypercall.h"
#include "names.h"
#include "string.h"
#include "window.h"

/*
 * All that a domain has lies in one region of 2 MiB, whose address is virtual and,
 * for HVM, guest-physical too. Pages of the region:
 */
#define REGION 0x40000000ul
#define P_CODE      0           /* the agent */
#define P_STACK     2           /* 2 pages */
#define P_COMMAND   4           /* COMMAND_PAGES pages */
#define P_TABLES    8           /* L4, L3, L2, L1 */
#define P_IDT      12           /* HVM: IDT, GDT in its second half */
#define P_PAGES    16           /* p0..p63 */
#define NR_OWNED   80           /* so much is populated */
#define P_SLOTS   128           /* m0..m63: nothing is there */

#define REGION_FRAME (REGION >> PAGE_BITS)
#define STACK_TOP (REGION + (P_STACK + 2) * PAGE - 64)
#define PAGING_POOL (4ul << 20)         /* bytes for the nested page tables of an HVM domain */
#define HVM_CONTEXT 16384               /* bytes that hold the state of an HVM domain with one vCPU */

#define GENERAL_PROTECTION 13
#define PAGE_FAULT 14

/* In agent.S. */
extern u8 agent_begin[], agent_end[], agent_main[];
extern u8 agent_page_fault_pv[], agent_general_protection_pv[];
extern u8 agent_page_fault_hvm[], agent_general_protection_hvm[];

static struct xen_domctl call;
static xen_pfn_t frames[NR_OWNED];

static struct xen_domctl *fresh_call(void)
{
    memset(&call, 0, sizeof call);
    return &call;
}

static u64 agent_va(const u8 *symbol)
{
    return REGION + (symbol - agent_begin);
}

static u8 *open_window(int window, u64 frame, u16 domid)
{
    int rc = map_frame(build_window[window], frame, domid, 0);

    if (rc)
        die("window", rc);
    return build_window[window];
}

static void build_page_tables(struct domain *d)
{
    u64 *table[4];

    for (int level = 0; level < 4; level++) {
        table[level] = (u64 *)open_window(level, frames[P_TABLES + level], d->domid);
        memset(table[level], 0, PAGE);
    }
    table[0][REGION >> 39] = (frames[P_TABLES + 1] << PAGE_BITS) | PTE_RW;
    table[1][(REGION >> 30) & 511] = (frames[P_TABLES + 2] << PAGE_BITS) | PTE_RW;
    table[2][(REGION >> 21) & 511] = (frames[P_TABLES + 3] << PAGE_BITS) | PTE_RW;
    for (int i = 0; i < NR_OWNED; i++) {
        int readonly = !d->hvm && i >= P_TABLES && i < P_TABLES + 4;     /* Xen lets no PV guest write its tables */

        table[3][i] = (frames[i] << PAGE_BITS) | (readonly ? PTE_RO : PTE_RW);
    }
    if (d->hvm)                 /* the guest's own tables are never in the way of a slot */
        for (int i = P_SLOTS; i < P_SLOTS + NR_SLOTS; i++)
            table[3][i] = ((REGION_FRAME + i) << PAGE_BITS) | PTE_RW;
    for (int level = 0; level < 4; level++)
        unmap(build_window[level]);
    d->l1_frame = frames[P_TABLES + 3];
}

static long start_pv(struct domain *d)
{
    static vcpu_guest_context_t vcpu;

    memset(&vcpu, 0, sizeof vcpu);
    vcpu.flags = VGCF_in_kernel | VGCF_online;
    vcpu.user_regs.rip = agent_va(agent_main);
    vcpu.user_regs.rsp = STACK_TOP;
    vcpu.user_regs.rbx = d->command_va;
    vcpu.user_regs.cs = FLAT_KERNEL_CS;
    vcpu.user_regs.ss = FLAT_KERNEL_SS;
    vcpu.user_regs.rflags = 0x202;
    vcpu.kernel_ss = FLAT_KERNEL_SS;
    vcpu.kernel_sp = STACK_TOP;
    vcpu.ctrlreg[3] = frames[P_TABLES] << PAGE_BITS;
    for (int vector = GENERAL_PROTECTION; vector <= PAGE_FAULT; vector++) {
        struct trap_info *trap = &vcpu.trap_ctxt[vector];

        trap->vector = vector;
        trap->flags = 4;
        trap->cs = FLAT_KERNEL_CS;
        trap->address = agent_va(vector == PAGE_FAULT ? agent_page_fault_pv : agent_general_protection_pv);
    }
    set_xen_guest_handle(fresh_call()->u.vcpucontext.ctxt, &vcpu);
    return domctl(XEN_DOMCTL_setvcpucontext, d->domid, &call);
}

static void set_gate(u64 *idt, int vector, u64 address)
{
    idt[vector * 2] = (address & 0xffff) | (0x8ul << 16) | (0x8eul << 40) | (((address >> 16) & 0xffff) << 48);
    idt[vector * 2 + 1] = address >> 32;
}

static void build_descriptors(struct domain *d)
{
    u8 *page = open_window(0, frames[P_IDT], d->domid);
    u64 *gdt = (u64 *)(page + PAGE / 2);

    memset(page, 0, PAGE);
    set_gate((u64 *)page, PAGE_FAULT, agent_va(agent_page_fault_hvm));
    set_gate((u64 *)page, GENERAL_PROTECTION, agent_va(agent_general_protection_hvm));
    gdt[1] = 0x00af9b000000ffffull;     /* 0x08: 64-bit code */
    gdt[2] = 0x00cf93000000ffffull;     /* 0x10: data */
    unmap(page);
}

/* 64-bit mode with paging from the first instruction on. */
static void fill_registers(struct hvm_hw_cpu *cpu, struct domain *d)
{
    cpu->rip = agent_va(agent_main);
    cpu->rsp = STACK_TOP;
    cpu->rbx = d->command_va;
    cpu->rflags = 2;
    cpu->cr0 = 0x80010011;              /* PG WP ET PE */
    cpu->cr3 = frames[P_TABLES] << PAGE_BITS;
    cpu->cr4 = 0x20;                    /* PAE */
    cpu->msr_efer = 0x500;              /* LMA LME */
    cpu->dr6 = 0xffff0ff0;
    cpu->dr7 = 0x400;
    cpu->cs_sel = 8;
    cpu->ds_sel = cpu->es_sel = cpu->ss_sel = cpu->fs_sel = cpu->gs_sel = 16;
    cpu->cs_limit = cpu->ds_limit = cpu->es_limit = cpu->ss_limit = cpu->fs_limit = cpu->gs_limit = ~0u;
    cpu->cs_arbytes = 0xa9b;
    cpu->ds_arbytes = cpu->es_arbytes = cpu->ss_arbytes = cpu->fs_arbytes = cpu->gs_arbytes = 0xc93;
    cpu->tr_limit = 0x67;
    cpu->tr_arbytes = 0x8b;
    cpu->ldtr_arbytes = 0x82;
    cpu->idtr_base = REGION + P_IDT * PAGE;
    cpu->idtr_limit = PAGE / 2 - 1;
    cpu->gdtr_base = cpu->idtr_base + PAGE / 2;
    cpu->gdtr_limit = 3 * 8 - 1;
}

static long start_hvm(struct domain *d)
{
    static struct {
        struct hvm_save_descriptor header_of;
        struct hvm_save_header header;
        struct hvm_save_descriptor cpu_of;
        struct hvm_hw_cpu cpu;
        struct hvm_save_descriptor end;
    } __attribute__((packed, aligned(16))) context;
    static struct hvm_hw_cpu cpu;
    static u8 saved[HVM_CONTEXT];
    long rc;

    build_descriptors(d);

    /* Xen takes no header but its own: fetch the context first. */
    fresh_call()->u.hvmcontext.size = sizeof saved;
    set_xen_guest_handle(call.u.hvmcontext.buffer, saved);
    rc = domctl(XEN_DOMCTL_gethvmcontext, d->domid, &call);
    if (rc)
        return rc;

    memset(&context, 0, sizeof context);
    memcpy(&context, saved, sizeof context.header_of + sizeof context.header);
    context.cpu_of.typecode = HVM_SAVE_CODE(CPU);
    context.cpu_of.length = sizeof context.cpu;
    memset(&cpu, 0, sizeof cpu);
    fill_registers(&cpu, d);
    memcpy((u8 *)&context + offsetof(__typeof__(context), cpu), &cpu, sizeof cpu);
    fresh_call()->u.hvmcontext.size = sizeof context;
    set_xen_guest_handle(call.u.hvmcontext.buffer, (u8 *)&context);
    return domctl(XEN_DOMCTL_sethvmcontext, d->domid, &call);
}

static long populate(struct domain *d)
{
    struct xen_memory_reservation reservation = { .domid = d->domid, .nr_extents = NR_OWNED };
    long populated;

    /* A PV domain says which pfns the frames are for, which is good for nothing but must be somewhere. */
    for (int i = 0; i < NR_OWNED; i++)
        frames[i] = d->hvm ? REGION_FRAME + i : 0x1000ul * d->domid + i;
    set_xen_guest_handle(reservation.extent_start, frames);
    populated = hypercall(__HYPERVISOR_memory_op, XENMEM_populate_physmap, (u64)&reservation, 0, 0, 0);
    if (d->hvm)
        for (int i = 0; i < NR_OWNED; i++)
            frames[i] = REGION_FRAME + i;
    return populated;
}

/* All pages become zero, the agent goes into its own, and the pages get their names. */
static void fill_pages(struct domain *d)
{
    for (int i = 0; i < NR_OWNED; i++) {
        u8 *page = open_window(0, frames[i], d->domid);

        memset(page, 0, PAGE);
        if (i == P_CODE)
            memcpy(page, agent_begin, agent_end - agent_begin);
        if (i >= P_PAGES)
            name_page(d, i - P_PAGES, mapped_mfn(page), frames[i]);
        unmap(page);
    }
}

static int open_command_pages(struct domain *d)
{
    d->command = command_window[d->domid];
    for (int i = 0; i < COMMAND_PAGES; i++) {
        int rc = map_frame(d->command + i * PAGE, frames[P_COMMAND + i], d->domid, 0);

        if (rc)
            return rc;
    }
    *(u64 *)(d->command + C_CALL) = d->hvm;
    return 0;
}

#define STEP(name, expression) do { \
    long step_rc = (expression); \
    if (step_rc) { \
        *step = name; \
        return step_rc; \
    } \
} while (0)

static long create_empty(const struct domain_config *config, const char **step)
{
    struct xen_domctl_createdomain *create = &fresh_call()->u.createdomain;

    create->flags = config->hvm ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0;
    create->max_vcpus = 1;
    create->max_evtchn_port = 1023;
    create->max_grant_frames = config->grant_frames;
    create->max_maptrack_frames = config->maptrack_frames;
    create->grant_opts = XEN_DOMCTL_GRANT_version(config->grant_version);
    create->arch.emulation_flags = config->hvm ? XEN_X86_EMU_LAPIC : 0;
    create->handle[0] = config->domid;
    STEP("createdomain", domctl(XEN_DOMCTL_createdomain, config->domid, &call));
    fresh_call()->u.max_vcpus.max = 1;
    STEP("max_vcpus", domctl(XEN_DOMCTL_max_vcpus, config->domid, &call));
    fresh_call()->u.max_mem.max_memkb = config->max_kb;
    STEP("max_mem", domctl(XEN_DOMCTL_max_mem, config->domid, &call));
    if (config->hvm) {
        fresh_call()->u.paging_mempool.size = PAGING_POOL;
        STEP("paging_mempool", domctl(XEN_DOMCTL_set_paging_mempool_size, config->domid, &call));
    }
    return 0;
}

/* Creation leaves the domain paused. So it stays until it has a line to execute. */
static long build(struct domain *d, const char **step)
{
    long populated = populate(d);

    if (populated != NR_OWNED) {
        *step = "populate";
        return populated ? populated : -1;
    }
    d->command_va = REGION + P_COMMAND * PAGE;
    d->page_va = REGION + P_PAGES * PAGE;
    d->slot_va = REGION + P_SLOTS * PAGE;
    fill_pages(d);
    STEP("command pages", open_command_pages(d));
    build_page_tables(d);
    STEP("start", d->hvm ? start_hvm(d) : start_pv(d));
    return 0;
}

void release_table(struct domain *d)
{
    for (int i = 0; i < MAX_TABLE_FRAMES; i++)
        if (d->table_mapped[i]) {
            unmap(table_window[d->domid] + i * PAGE);
            d->table_mapped[i] = 0;
        }
}

void release_domain(struct domain *d)
{
    release_table(d);
    if (d->command)
        for (int i = 0; i < COMMAND_PAGES; i++)
            unmap(d->command + i * PAGE);
    d->dead = 1;
}

void create_domain(const struct domain_config *config)
{
    struct domain *d = &domains[config->domid];
    const char *step = "";
    long rc;

    /* One that was crashed and not destroyed may still be there, under this number. */
    if (d->used)
        release_domain(d);
    memset(d, 0, sizeof *d);
    d->domid = config->domid;
    d->hvm = config->hvm;
    d->dead = !config->run;
    rc = create_empty(config, &step);
    if (!rc && config->run)
        rc = build(d, &step);
    put("rc=%d", rc);
    if (rc)
        put(" at=%s", step);
    else
        d->used = 1;
}
