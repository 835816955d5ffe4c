package grantlab.conformance.script;

import grantlab.api.grant.EntryCodec;
import grantlab.conformance.call.V3Form;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The table of verbs. Installed formats bring the verbs that write their entries. */
final class Verbs {
    /** The one word of the language that is no verb: it binds the lines behind it together. */
    static final String BATCH = "batch";

    private static final String DMA_READ = "dma_read";
    private static final String DMA_WRITE = "dma_write";

    /** What devices do. */
    static final Set<String> OF_DEVICES = Set.of(DMA_READ, DMA_WRITE);

    private static final String LEAF = "leaf";
    private static final String NODE = "node";

    private final Map<String, Verb> verbs = new HashMap<>();

    Verbs(Codecs codecs) {
        verbs.put("map", new MapVerb());
        verbs.put("unmap", new UnmapVerb());
        verbs.put("replace", new ReplaceVerb());
        verbs.put("copy", new CopyVerb());
        verbs.put("transfer", new TransferVerb());
        verbs.put("swap", new SwapVerb());
        verbs.put("cache_flush", new CacheFlushVerb());
        verbs.put("setup", new SetupVerb());
        verbs.put("status_frames", new StatusFramesVerb());
        verbs.put("query_size", new QuerySizeVerb());
        verbs.put("set_version", new SetVersionVerb());
        verbs.put("get_version", new GetVersionVerb());
        verbs.put("dump", new DumpVerb());
        verbs.put("raw", new RawVerb());

        for (EntryCodec codec : codecs.all()) {
            verbs.put(codec.verb(), new EntryVerb(codec));
        }
        verbs.put("ent", new CurrentEntryVerb(codecs));
        verbs.put("rdent", new ReadEntryVerb(codecs));
        verbs.put("status", new StatusVerb());
        verbs.put("scan", new ScanVerb(codecs));

        EntryCodec leaf = codecs.ofNode(LEAF);
        EntryCodec node = codecs.ofNode(NODE);
        if (leaf != null && node != null) {
            for (V3Form form : V3Form.values()) {
                if (form != V3Form.BATCH) {
                    verbs.put(form.verb(), form.element() ? new TreeElementVerb(form) : new TreeVerb(form));
                }
            }
            verbs.put(LEAF, NodeEntryVerb.leaf(leaf));
            verbs.put(NODE, NodeEntryVerb.node(node));
            verbs.put("rdleaf", new ReadNodeEntryVerb(leaf));
            verbs.put("wrframe", MemoryVerb.writeFrame());
            verbs.put("vdomid_bind", DomctlVerb.bind());
            verbs.put("gnt_quota", DomctlVerb.quota());
            verbs.put("gnt_policy", DomctlVerb.policy());
        }

        verbs.put("rd", MemoryVerb.read());
        verbs.put("wr", MemoryVerb.write());
        verbs.put("fill", MemoryVerb.fill());
        verbs.put("hash", MemoryVerb.hash());
        verbs.put("pte", new PteVerb());
        verbs.put("setpte", new SetPteVerb());
        verbs.put("memop", new MemopVerb());

        verbs.put(DMA_READ, DmaVerb.read());
        verbs.put(DMA_WRITE, DmaVerb.write());

        verbs.put("create", CreateVerb.here());
        verbs.put("destroy", new DestroyVerb());
        verbs.put("dominfo", new DominfoVerb());
        verbs.put("yield", new YieldVerb());
        verbs.put("opt", new OptVerb());
        verbs.put("forget", new ForgetVerb());
    }

    /**
     * A verb.
     *
     * @param name as lines have it
     * @return null when there is none
     */
    @Nullable
    Verb named(String name) {
        return verbs.get(name);
    }

    /** How lines of each are written, in the order of their names. */
    Map<String, Syntax> syntax() {
        return Collections.unmodifiableMap(new TreeMap<>(verbs));
    }
}
