/* How d0 looks at frames: its own, and those of others through windows in its address space. */
#include "window.h"
#include "console.h"
#include "hypercall.h"

#define PAGES_OF_BSS __attribute__((aligned(4096), section(".bss.pages")))

u8 d0_command[COMMAND_PAGES * PAGE] PAGES_OF_BSS;
u8 d0_pages[NR_PAGES * PAGE] PAGES_OF_BSS;
u8 d0_slots[NR_SLOTS * PAGE] PAGES_OF_BSS;
u8 command_window[MAX_DOMAINS][COMMAND_PAGES * PAGE] PAGES_OF_BSS;
u8 table_window[MAX_DOMAINS][MAX_TABLE_FRAMES * PAGE] PAGES_OF_BSS;
u8 build_window[4][PAGE] PAGES_OF_BSS;
u8 status_window[PAGE] PAGES_OF_BSS;
u8 hold_window[PAGE] PAGES_OF_BSS;
u8 look_window[PAGE] PAGES_OF_BSS;

static const u64 *p2m;
static const u64 *root;

void windows_init(const start_info_t *info)
{
    p2m = (const u64 *)info->mfn_list;
    root = (const u64 *)info->pt_base;
}

u64 own_mfn(const void *va)
{
    return p2m[(u64)va >> PAGE_BITS];
}

/* The image is linked at the addresses at which it runs, so a pfn gives the address by itself. */
static const u64 *own_page(u64 mfn)
{
    const u64 *m2p = (const u64 *)MACH2PHYS_VIRT_START;

    return (const u64 *)(m2p[mfn] << PAGE_BITS);
}

u64 l1_frame_of(const void *va)
{
    const u64 *table = root;
    u64 frame = 0;

    for (int shift = 39; shift > PAGE_BITS; shift -= 9) {
        u64 entry = table[((u64)va >> shift) & 511];

        if (!(entry & 1))
            die("page table walk", shift);
        frame = PTE_FRAME(entry);
        table = own_page(frame);
    }
    return frame;
}

u64 mapped_mfn(const void *va)
{
    return PTE_FRAME(own_page(l1_frame_of(va))[((u64)va >> PAGE_BITS) & 511]);
}

static u64 entry_for(u64 frame, int readonly)
{
    return (frame << PAGE_BITS) | (readonly ? PTE_RO : PTE_RW);
}

int map_frame(void *va, u64 frame, u16 domid, int readonly)
{
    u64 entry = entry_for(frame, readonly);

    if (domid == 0)
        return hypercall(__HYPERVISOR_update_va_mapping, (u64)va, entry, UVMF_INVLPG, 0, 0);
    return hypercall(__HYPERVISOR_update_va_mapping_otherdomain, (u64)va, entry, UVMF_INVLPG, domid, 0);
}

int map_machine_frame(void *va, u64 mfn, u16 domid, int readonly)
{
    u64 place = (l1_frame_of(va) << PAGE_BITS) + (((u64)va >> PAGE_BITS) & 511) * 8;
    struct mmu_update update = { .ptr = place | MMU_PT_UPDATE_NO_TRANSLATE, .val = entry_for(mfn, readonly) };

    return hypercall(__HYPERVISOR_mmu_update, (u64)&update, 1, 0, domid, 0);
}

int unmap(void *va)
{
    return hypercall(__HYPERVISOR_update_va_mapping, (u64)va, 0, UVMF_INVLPG, 0, 0);
}
