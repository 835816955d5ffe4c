#ifndef WINDOW_H
#define WINDOW_H

#include "guest.h"

/* d0's pages and slots, and the addresses through which it looks at frames of others. */
extern u8 d0_command[COMMAND_PAGES * PAGE], d0_pages[NR_PAGES * PAGE], d0_slots[NR_SLOTS * PAGE];
extern u8 command_window[MAX_DOMAINS][COMMAND_PAGES * PAGE];
extern u8 table_window[MAX_DOMAINS][MAX_TABLE_FRAMES * PAGE];
extern u8 build_window[4][PAGE], status_window[PAGE], hold_window[PAGE], look_window[PAGE];

/* Remembers where Xen has put d0's tables. Before anything else here. */
void windows_init(const start_info_t *info);

/* Maps a frame as the domain knows it: mfn (PV) or gfn (HVM). */
int map_frame(void *va, u64 frame, u16 domid, int readonly);

/* Maps a machine frame that an HVM domain owns, without asking for its place in the physmap. */
int map_machine_frame(void *va, u64 mfn, u16 domid, int readonly);

int unmap(void *va);

/* The machine frame that is mapped at an address of d0. */
u64 mapped_mfn(const void *va);

/* The machine frame that d0 was given for one of its pages. */
u64 own_mfn(const void *va);

/* The last-level table that has an address of d0. */
u64 l1_frame_of(const void *va);

#endif
