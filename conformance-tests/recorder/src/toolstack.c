/* Domains come, are looked at, and go. */
#include "toolstack.h"
#include "console.h"
#include "domain.h"
#include "hypercall.h"
#include "names.h"
#include "string.h"

#define YIELDS_AFTER_DESTROY 20         /* then Xen has freed what it frees later (RCU) */

static struct xen_domctl call;

void verb_create(const struct line *line)
{
    u64 k = arg_domid(line, "dom", 1);
    const char *type = arg_text(line, "type");
    struct domain_config config = {
        .domid = k,
        .hvm = type && (*type == 'h' || equal(type, "pvh")),
        .run = arg_number(line, "run", 1),
        .grant_frames = arg_number(line, "gframes", -1),
        .maptrack_frames = arg_number(line, "maptrack", -1),
        .grant_version = arg_number(line, "gver", 2),
        .max_kb = arg_number(line, "kb", 4096),
    };

    put(" ");
    if (k < 1 || k >= MAX_DOMAINS || (domains[k].used && !domains[k].dead))
        put("n/a");
    else
        create_domain(&config);
}

void verb_destroy(const struct line *line)
{
    u64 k = arg_domid(line, "dom", 1);
    long rc;

    if (k < MAX_DOMAINS && domains[k].used)
        release_domain(&domains[k]);
    memset(&call, 0, sizeof call);
    rc = domctl(XEN_DOMCTL_destroydomain, k, &call);
    for (int i = 0; i < YIELDS_AFTER_DESTROY; i++)
        yield();
    put_rc(rc);
}

/* Xen answers with the next domain that there is when there is none of that number. */
void verb_dominfo(const struct line *line)
{
    u16 domid = arg_domid(line, "dom", 1);
    const struct xen_domctl_getdomaininfo *info = &call.u.getdomaininfo;
    long rc;

    memset(&call, 0, sizeof call);
    rc = domctl(XEN_DOMCTL_getdomaininfo, domid, &call);
    if (!rc && info->domain != domid)
        rc = -XEN_ESRCH;
    put_rc(rc);
    if (!rc)
        put(" dying=%u shutdown=%u pages=%u", (u64)!!(info->flags & XEN_DOMINF_dying),
            (u64)!!(info->flags & XEN_DOMINF_shutdown), (u64)info->tot_pages);
}

void verb_yield(const struct line *line)
{
    for (u64 i = arg_number(line, "n", 100); i; i--)
        yield();
    put(" ok");
}
