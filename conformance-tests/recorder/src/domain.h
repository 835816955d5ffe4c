#ifndef DOMAIN_H
#define DOMAIN_H

#include "guest.h"

/* What createdomain is told of a domain. */
struct domain_config {
    u16 domid;
    int hvm;
    int run;            /* 0: no memory and no vCPU state, a domid with a table */
    s32 grant_frames, maptrack_frames;
    u32 grant_version;
    u64 max_kb;
};

/* Creates a domain and starts it, held at its first instruction. Prints the result. */
void create_domain(const struct domain_config *config);

/* Drops all references of d0 to pages of a domain; it executes nothing any more. */
void release_domain(struct domain *d);

/* Drops d0's mappings of the frames of its grant table. */
void release_table(struct domain *d);

#endif
