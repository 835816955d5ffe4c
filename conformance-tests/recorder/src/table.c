/*
 * Grant tables as d0 sees them through mappings of its own. Frames are asked for below
 * the current size only, so that looking never lets a table grow. Frames with entries
 * stay mapped from the first look on; a status frame is mapped for the look alone,
 * because a mapped one keeps a table from changing its version.
 */
#include "table.h"
#include "console.h"
#include "domain.h"
#include "hypercall.h"
#include "names.h"
#include "string.h"
#include "window.h"

#define V1_ENTRY 8
#define V2_ENTRY 16
#define V1_ENTRIES_PER_FRAME 512        /* of a table: as many has the domain, whatever the version */
#define V2_ENTRIES_PER_FRAME 256
#define STATUS_PER_FRAME 2048

static struct gnttab_query_size query;
static struct gnttab_get_version get_version;
static struct gnttab_setup_table setup;
static struct gnttab_get_status_frames get_status;
static struct xen_mem_acquire_resource resource;
static u64 list[MAX_TABLE_FRAMES];

static u16 seen_from_d0(struct domain *d)
{
    return d->domid ? d->domid : DOMID_SELF;
}

static long d0_grant_op(int command, void *argument)
{
    return hypercall(__HYPERVISOR_grant_table_op, command, (u64)argument, 1, 0, 0);
}

static int version_of(struct domain *d)
{
    get_version.dom = seen_from_d0(d);
    return d0_grant_op(GNTTABOP_get_version, &get_version) ? 0 : get_version.version;
}

static int nr_frames(struct domain *d)
{
    query.dom = seen_from_d0(d);
    if (d0_grant_op(GNTTABOP_query_size, &query) || query.status)
        return -1;
    return query.nr_frames;
}

static long acquire(struct domain *d, int kind, u64 index, u64 *frame)
{
    long rc;

    memset(&resource, 0, sizeof resource);
    resource.domid = d->domid;
    resource.type = XENMEM_resource_grant_table;
    resource.id = kind;
    resource.nr_frames = 1;
    resource.frame = index;
    set_xen_guest_handle(resource.frame_list, list);
    rc = hypercall(__HYPERVISOR_memory_op, XENMEM_acquire_resource, (u64)&resource, 0, 0, 0);
    *frame = list[0];
    return rc;
}

static long map_table_frame(struct domain *d, void *va, u64 frame, int readonly)
{
    return d->hvm ? map_machine_frame(va, frame, d->domid, readonly) : map_frame(va, frame, d->domid, readonly);
}

/* d0 cannot acquire what is its own. */
static long shared_frame(struct domain *d, u64 index, u64 *frame)
{
    long rc;

    if (d->domid)
        return acquire(d, XENMEM_resource_grant_table_id_shared, index, frame);
    setup.dom = DOMID_SELF;
    setup.nr_frames = index + 1;
    set_xen_guest_handle(setup.frame_list, list);
    rc = d0_grant_op(GNTTABOP_setup_table, &setup);
    *frame = list[index];
    return rc ? rc : setup.status;
}

static long status_frame(struct domain *d, u64 index, u64 *frame)
{
    long rc;

    if (d->domid)
        return acquire(d, XENMEM_resource_grant_table_id_status, index, frame);
    get_status.dom = DOMID_SELF;
    get_status.nr_frames = index + 1;
    set_xen_guest_handle(get_status.frame_list, list);
    rc = d0_grant_op(GNTTABOP_get_status_frames, &get_status);
    *frame = list[index];
    return rc ? rc : get_status.status;
}

/* Where d0 has a frame with entries; 0: there is no such frame, or Xen does not let it be mapped. */
static u8 *open_table(struct domain *d, u64 index)
{
    u8 *va = table_window[d->domid] + index * PAGE;
    u64 frame;
    long rc;
    int n;

    if (index >= MAX_TABLE_FRAMES)
        return 0;
    if (d->table_mapped[index])
        return va;
    n = nr_frames(d);
    if (n < 0 || index >= (u64)n)
        return 0;
    rc = shared_frame(d, index, &frame);
    if (rc) {
        put(" #frame rc=%d ", (s64)rc);
        return 0;
    }
    rc = map_table_frame(d, va, frame, 0);
    if (rc) {
        put(" #map rc=%d ", (s64)rc);
        return 0;
    }
    d->table_mapped[index] = 1;
    return va;
}

static u8 *open_entry(struct domain *d, u64 ref, int size)
{
    u64 per_frame = PAGE / size;
    u8 *frame = open_table(d, ref / per_frame);

    return frame ? frame + ref % per_frame * size : 0;
}

static u64 nr_status_frames(int nr_table_frames)
{
    u64 n = (nr_table_frames * V1_ENTRIES_PER_FRAME + 4095) / 4096;

    return n ? n : 1;
}

static long map_status(void *va, struct domain *d, u64 index)
{
    u64 frame;
    long rc;

    if (index >= MAX_TABLE_FRAMES || (d->domid && index >= nr_status_frames(nr_frames(d))))
        return -1;
    rc = status_frame(d, index, &frame);
    return rc ? rc : map_table_frame(d, va, frame, 1);
}

static long open_status(struct domain *d, u64 index)
{
    return map_status(status_window, d, index);
}

long hold_status(int on)
{
    unmap(hold_window);
    return on ? map_status(hold_window, &domains[0], 0) : 0;
}

static u16 load16(const u8 *at)
{
    return *(const volatile u16 *)at;
}

static u32 load32(const u8 *at)
{
    return *(const volatile u32 *)at;
}

static u64 load64(const u8 *at)
{
    return *(const volatile u64 *)at;
}

static void store16(u8 *at, u16 value)
{
    *(volatile u16 *)at = value;
}

static void store32(u8 *at, u32 value)
{
    *(volatile u32 *)at = value;
}

static void store64(u8 *at, u64 value)
{
    *(volatile u64 *)at = value;
}

/* Writes the fields of an entry but flags and domid. */
typedef void fields(const struct line *line, u8 *entry);

/* The flags come last: they make the entry valid. */
static void write_entry(const struct line *line, int size, fields *write_fields)
{
    struct domain *d = arg_table(line, "tab");
    u8 *entry;

    if (!d) {
        put(" nodomain");
        return;
    }
    entry = open_entry(d, arg_number(line, "ref", 0), size);
    if (!entry) {
        put(" noframe");
        return;
    }
    write_fields(line, entry);
    store16(entry + 2, arg_domid(line, "domid", 0));
    store16(entry, arg_number(line, "flags", 0));
    put(" ok");
}

static void v1_fields(const struct line *line, u8 *entry)
{
    if (has_arg(line, "frame"))
        store32(entry + 4, arg_frame(line, "frame", 0));
}

static void v2_fields(const struct line *line, u8 *entry)
{
    store16(entry + 4, arg_number(line, "off", 0));
    store16(entry + 6, arg_number(line, "len", 0));
    if (has_arg(line, "frame"))
        store64(entry + 8, arg_frame(line, "frame", 0));
}

static void transitive_fields(const struct line *line, u8 *entry)
{
    store16(entry + 4, arg_domid(line, "tdom", 0));
    store16(entry + 6, arg_number(line, "pad", 0));
    store32(entry + 8, arg_number(line, "gref", 0));
    store32(entry + 12, 0);
}

void verb_ent1(const struct line *line)
{
    write_entry(line, V1_ENTRY, v1_fields);
}

void verb_ent2(const struct line *line)
{
    write_entry(line, V2_ENTRY, v2_fields);
}

void verb_ent2t(const struct line *line)
{
    write_entry(line, V2_ENTRY, transitive_fields);
}

void verb_ent(const struct line *line)
{
    struct domain *d = arg_table(line, "tab");

    if (d && version_of(d) == 2)
        verb_ent2(line);
    else
        verb_ent1(line);
}

void verb_rdent(const struct line *line)
{
    struct domain *d = arg_table(line, "tab");
    int version;
    u8 *entry;

    if (!d) {
        put(" nodomain");
        return;
    }
    version = arg_number(line, "v", version_of(d));
    entry = open_entry(d, arg_number(line, "ref", 0), version == 2 ? V2_ENTRY : V1_ENTRY);
    if (!entry) {
        put(" noframe");
        return;
    }
    put(" v%u flags=%x domid=%u", (u64)version, (u64)load16(entry), (u64)load16(entry + 2));
    if (version == 2)
        put(" w1=%x", (u64)load32(entry + 4));
    put(" frame=");
    put_entry_frame(version == 2 ? load64(entry + 8) : load32(entry + 4), d);
}

void verb_status(const struct line *line)
{
    struct domain *d = arg_table(line, "tab");
    u64 ref = arg_number(line, "ref", 0);
    int version, n;

    if (!d) {
        put(" nodomain");
        return;
    }
    version = version_of(d);
    n = nr_frames(d);
    if (version != 2)
        put(" v%u", (u64)version);
    else if (n < 0 || ref >= (u64)n * V2_ENTRIES_PER_FRAME)
        put(" noframe");
    else if (open_status(d, ref / STATUS_PER_FRAME))
        put(" nostatus");
    else {
        put(" word=%x", (u64)load16(status_window + ref % STATUS_PER_FRAME * 2));
        unmap(status_window);
    }
}

static void scan_status(struct domain *d, u64 from, u64 to)
{
    if (open_status(d, 0))
        return;
    put(" status");
    for (u64 ref = from; ref <= to && ref < STATUS_PER_FRAME; ref++) {
        u16 word = load16(status_window + ref * 2);

        if (word)
            put(" %u:%x", ref, (u64)word);
    }
    unmap(status_window);
}

void verb_scan(const struct line *line)
{
    struct domain *d = arg_table(line, "tab");
    u64 from = arg_number(line, "from", 0), to = arg_number(line, "to", 63);
    int version;

    if (!d) {
        put(" nodomain");
        return;
    }
    version = version_of(d);
    put(" v%u", (u64)version);
    for (u64 ref = from; ref <= to; ref++) {
        u8 *entry = open_entry(d, ref, version == 2 ? V2_ENTRY : V1_ENTRY);

        if (!entry) {
            put(" %u:noframe", ref);
            break;
        }
        if (load16(entry))
            put(" %u:%x", ref, (u64)load16(entry));
    }
    if (version == 2)
        scan_status(d, from, to);
}

void verb_forget(const struct line *line)
{
    struct domain *d = arg_table(line, "tab");

    if (d)
        release_table(d);
    put(" ok");
}
