#ifndef NAMES_H
#define NAMES_H

#include "guest.h"

#define UNSET_STATUS ((s16)0x7777)              /* a status field before the call */
#define UNSET_LIST_FRAME 0x5a5a5a5a5a5aul       /* an element of a list before the call */

/* Gives a page of a domain a frame. Other names of that frame, which had another owner, mean no frame from now on. */
void name_page(struct domain *d, u64 page, u64 mfn, u64 frame);

/* Prints ' rc=', ' status='. */
void put_rc(long rc);
void put_status(s16 status);

/* Prints a handle as the number that its domain knows it by. */
void put_handle(struct domain *d, u32 handle);
void print_raw_handles(int on);

/* A frame as an entry has it: by its name in its domain, by the name of a machine frame, or as it is. */
void put_entry_frame(u64 frame, struct domain *of);

/* A machine frame, which is never printed as a number. */
void put_mfn(u64 mfn);

/* A frame of a list: numbered as it is first seen. */
void put_list_frame(u64 frame);

#endif
