/*
 * The operations on grant tables. For each: how the fields of an element come from a
 * line, and how they are printed after the call. Fields that Xen writes hold a value
 * beforehand that it never writes there.
 */
#include "grant.h"
#include "console.h"
#include "hypercall.h"
#include "names.h"
#include "string.h"

#define ARGUMENT_BYTES (2 * PAGE)
#define NR_LISTS 8              /* of 64 frames each, in one page; elements of a batch share them */
#define LIST_FRAMES 64
#define UNSET_HANDLE 0xfffffff0u
#define UNSET_ADDRESS 0xdead000ul
#define UNSET_NUMBER 0x7777

struct grant_verb {
    const char *name;
    int command, size;
    void (*encode)(const struct line *line, void *element, int index);
    void (*decode)(const struct line *line, void *element, int index);
};

u8 *arguments_of(struct domain *d)
{
    return d->command + PAGE;
}

u64 arguments_va(struct domain *d)
{
    return d->command_va + PAGE;
}

u64 *list_of(struct domain *d, int element)
{
    return (u64 *)(d->command + 3 * PAGE) + element % NR_LISTS * LIST_FRAMES;
}

u64 list_va(struct domain *d, int element)
{
    return d->command_va + 3 * PAGE + element % NR_LISTS * LIST_FRAMES * 8;
}

static void encode_map(const struct line *l, void *element, int index)
{
    struct gnttab_map_grant_ref *map = element;

    map->host_addr = arg_address(l, "addr", 0);
    map->flags = arg_number(l, "flags", GNTMAP_host_map);
    map->ref = arg_number(l, "ref", 0);
    map->dom = arg_domid(l, "dom", l->domain->domid);
    map->status = UNSET_STATUS;
    map->handle = UNSET_HANDLE;
    map->dev_bus_addr = UNSET_ADDRESS;
}

static void decode_map(const struct line *l, void *element, int index)
{
    struct gnttab_map_grant_ref *map = element;

    put_status(map->status);
    if (map->handle != UNSET_HANDLE)
        put_handle(l->domain, map->handle);
    if (map->dev_bus_addr != UNSET_ADDRESS) {
        put(" dev=");
        put_mfn(map->dev_bus_addr >> PAGE_BITS);
        if (map->dev_bus_addr % PAGE)
            put("+%x", map->dev_bus_addr % PAGE);
    }
    keep_handle(l, "out", map->status == GNTST_okay ? map->handle : ~0u);
}

static void encode_unmap(const struct line *l, void *element, int index)
{
    struct gnttab_unmap_grant_ref *unmap = element;

    unmap->host_addr = arg_address(l, "addr", 0);
    unmap->dev_bus_addr = arg_address(l, "dev", 0);
    unmap->handle = arg_handle(l, "h");
    unmap->status = UNSET_STATUS;
}

static void decode_unmap(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_unmap_grant_ref *)element)->status);
}

static void encode_replace(const struct line *l, void *element, int index)
{
    struct gnttab_unmap_and_replace *replace = element;

    replace->host_addr = arg_address(l, "addr", 0);
    replace->new_addr = arg_address(l, "new", 0);
    replace->handle = arg_handle(l, "h");
    replace->status = UNSET_STATUS;
}

static void decode_replace(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_unmap_and_replace *)element)->status);
}

static u64 encode_list(const struct line *l, int index)
{
    u64 *list = list_of(l->domain, index);

    for (int i = 0; i < LIST_FRAMES; i++)
        list[i] = UNSET_LIST_FRAME;
    return arg_address(l, "list", list_va(l->domain, index));
}

static void decode_list(const struct line *l, s16 status, u32 nr_frames, int index)
{
    put_status(status);
    if (status != GNTST_okay)
        return;
    put(" list=");
    if (!nr_frames)
        put("()");
    for (u32 i = 0; i < nr_frames && i < LIST_FRAMES; i++) {
        if (i)
            put(",");
        put_list_frame(list_of(l->domain, index)[i]);
    }
}

static void encode_setup(const struct line *l, void *element, int index)
{
    struct gnttab_setup_table *setup = element;

    setup->dom = arg_domid(l, "dom", DOMID_SELF);
    setup->nr_frames = arg_number(l, "nr", 1);
    setup->status = UNSET_STATUS;
    *(u64 *)&setup->frame_list = encode_list(l, index);
}

static void decode_setup(const struct line *l, void *element, int index)
{
    struct gnttab_setup_table *setup = element;

    decode_list(l, setup->status, setup->nr_frames, index);
}

static void encode_status_frames(const struct line *l, void *element, int index)
{
    struct gnttab_get_status_frames *get = element;

    get->dom = arg_domid(l, "dom", DOMID_SELF);
    get->nr_frames = arg_number(l, "nr", 1);
    get->status = UNSET_STATUS;
    *(u64 *)&get->frame_list = encode_list(l, index);
}

static void decode_status_frames(const struct line *l, void *element, int index)
{
    struct gnttab_get_status_frames *get = element;

    decode_list(l, get->status, get->nr_frames, index);
}

static void encode_query_size(const struct line *l, void *element, int index)
{
    struct gnttab_query_size *query = element;

    query->dom = arg_domid(l, "dom", DOMID_SELF);
    query->nr_frames = UNSET_NUMBER;
    query->max_nr_frames = UNSET_NUMBER;
    query->status = UNSET_STATUS;
}

static void decode_query_size(const struct line *l, void *element, int index)
{
    struct gnttab_query_size *query = element;

    put_status(query->status);
    if (query->status == GNTST_okay)
        put(" nr=%u max=%u", (u64)query->nr_frames, (u64)query->max_nr_frames);
}

static void encode_set_version(const struct line *l, void *element, int index)
{
    ((struct gnttab_set_version *)element)->version = arg_number(l, "v", 1);
}

static void decode_set_version(const struct line *l, void *element, int index)
{
    put(" v=%u", (u64)((struct gnttab_set_version *)element)->version);
}

static void encode_get_version(const struct line *l, void *element, int index)
{
    struct gnttab_get_version *get = element;

    get->dom = arg_domid(l, "dom", DOMID_SELF);
    get->pad = 0;
    get->version = UNSET_NUMBER;
}

static void decode_get_version(const struct line *l, void *element, int index)
{
    struct gnttab_get_version *get = element;

    if (get->version != UNSET_NUMBER)
        put(" v=%u", (u64)get->version);
}

static void encode_copy(const struct line *l, void *element, int index)
{
    struct gnttab_copy *copy = element;

    copy->flags = arg_number(l, "flags", 0);
    copy->len = arg_number(l, "len", 0);
    copy->source.domid = arg_domid(l, "sdom", DOMID_SELF);
    copy->source.offset = arg_number(l, "soff", 0);
    copy->source.u.gmfn = arg_frame(l, "src", 0);       /* or the reference, which lies in its low bytes */
    copy->dest.domid = arg_domid(l, "ddom", DOMID_SELF);
    copy->dest.offset = arg_number(l, "doff", 0);
    copy->dest.u.gmfn = arg_frame(l, "dst", 0);
    copy->status = UNSET_STATUS;
}

static void decode_copy(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_copy *)element)->status);
}

static void encode_transfer(const struct line *l, void *element, int index)
{
    struct gnttab_transfer *transfer = element;

    transfer->mfn = arg_frame(l, "frame", 0);
    transfer->domid = arg_domid(l, "dom", 0);
    transfer->ref = arg_number(l, "ref", 0);
    transfer->status = UNSET_STATUS;
}

static void decode_transfer(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_transfer *)element)->status);
}

static void encode_swap(const struct line *l, void *element, int index)
{
    struct gnttab_swap_grant_ref *swap = element;

    swap->ref_a = arg_number(l, "a", 0);
    swap->ref_b = arg_number(l, "b", 0);
    swap->status = UNSET_STATUS;
}

static void decode_swap(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_swap_grant_ref *)element)->status);
}

static void encode_cache_flush(const struct line *l, void *element, int index)
{
    struct gnttab_cache_flush *flush = element;

    flush->op = arg_number(l, "op", GNTTAB_CACHE_CLEAN);
    flush->offset = arg_number(l, "off", 0);
    flush->length = arg_number(l, "len", 64);
    if (has_arg(l, "ref"))
        flush->a.ref = arg_number(l, "ref", 0);
    else
        flush->a.dev_bus_addr = arg_address(l, "dev", 0);
}

static void decode_cache_flush(const struct line *l, void *element, int index)
{
    /* rc says it all */
}

static void encode_dump(const struct line *l, void *element, int index)
{
    struct gnttab_dump_table *dump = element;

    dump->dom = arg_domid(l, "dom", DOMID_SELF);
    dump->status = UNSET_STATUS;
}

static void decode_dump(const struct line *l, void *element, int index)
{
    put_status(((struct gnttab_dump_table *)element)->status);
}

static const struct grant_verb verbs[] = {
    { "map", GNTTABOP_map_grant_ref, sizeof(struct gnttab_map_grant_ref), encode_map, decode_map },
    { "unmap", GNTTABOP_unmap_grant_ref, sizeof(struct gnttab_unmap_grant_ref), encode_unmap, decode_unmap },
    { "setup", GNTTABOP_setup_table, sizeof(struct gnttab_setup_table), encode_setup, decode_setup },
    { "dump", GNTTABOP_dump_table, sizeof(struct gnttab_dump_table), encode_dump, decode_dump },
    { "transfer", GNTTABOP_transfer, sizeof(struct gnttab_transfer), encode_transfer, decode_transfer },
    { "copy", GNTTABOP_copy, sizeof(struct gnttab_copy), encode_copy, decode_copy },
    { "query_size", GNTTABOP_query_size, sizeof(struct gnttab_query_size), encode_query_size, decode_query_size },
    { "replace", GNTTABOP_unmap_and_replace, sizeof(struct gnttab_unmap_and_replace), encode_replace, decode_replace },
    { "set_version", GNTTABOP_set_version, sizeof(struct gnttab_set_version), encode_set_version, decode_set_version },
    { "status_frames", GNTTABOP_get_status_frames, sizeof(struct gnttab_get_status_frames), encode_status_frames,
      decode_status_frames },
    { "get_version", GNTTABOP_get_version, sizeof(struct gnttab_get_version), encode_get_version, decode_get_version },
    { "swap", GNTTABOP_swap_grant_ref, sizeof(struct gnttab_swap_grant_ref), encode_swap, decode_swap },
    { "cache_flush", GNTTABOP_cache_flush, sizeof(struct gnttab_cache_flush), encode_cache_flush, decode_cache_flush },
};

const struct grant_verb *grant_verb(const char *name)
{
    for (unsigned int i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (equal(verbs[i].name, name))
            return &verbs[i];
    return 0;
}

void grant_call(const struct grant_verb *verb, const struct line *lines, int nr_lines, int batch, u64 count)
{
    struct domain *d = lines->domain;
    u8 *arguments = arguments_of(d);
    long rc;

    memset(arguments, 0, ARGUMENT_BYTES);
    for (int i = 0; i < nr_lines; i++)
        verb->encode(&lines[i], arguments + i * verb->size, i);
    rc = hypercall_of(d, __HYPERVISOR_grant_table_op, verb->command, arguments_va(d), count);
    if (batch) {
        put("%u batch", (u64)batch);
        put_rc(rc);
        put("\n");
    }
    for (int i = 0; i < nr_lines; i++) {
        put("%u %s", (u64)lines[i].number, verb->name);
        if (!batch)
            put_rc(rc);
        verb->decode(&lines[i], arguments + i * verb->size, i);
        put("\n");
    }
}

void grant_raw(const struct line *l)
{
    struct domain *d = l->domain;

    memset(arguments_of(d), 0, ARGUMENT_BYTES);
    put_rc(hypercall_of(d, __HYPERVISOR_grant_table_op, arg_number(l, "cmd", 0),
                        arg_address(l, "ptr", arguments_va(d)), arg_number(l, "count", 1)));
}
