package grantlab.conformance.fuzz;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the generator believes of the world, so that most of what it writes gets deep: who is alive, what is granted to whom,
 * what is mapped where. It need not be right, and nobody's answers are looked at.
 */
public final class Scene {
    /** Domains that scripts have. */
    public static final int DOMAINS = 6;

    /** Variables that mappings use; the others stay at all ones. */
    private static final int VARIABLES = 200;

    /** So many variables are always kept free. */
    private static final int SPARE_VARIABLES = 40;

    private final Mode mode;
    private final Audience audience;
    private final Dice dice;
    private final Draft draft;
    private final Hostile hostile;
    private final Grove grove;
    private final @Nullable Actor[] actors = new Actor[DOMAINS];
    private final Map<Long, Entry> entries = new LinkedHashMap<>();
    private final Map<Integer, Mapped> mappings = new LinkedHashMap<>();
    private final Map<Long, Use> uses = new HashMap<>();
    private final BitSet freeVariables = new BitSet();
    private final BitSet touched = new BitSet();
    private int highestVersion = 2;

    /** Who uses a reference, and how often. */
    private static final class Use {
        private final int grantee;
        private int count;

        Use(int grantee) {
            this.grantee = grantee;
        }
    }

    /** An empty world with d0. */
    Scene(Mode mode, Audience audience, Dice dice, Draft draft) {
        this.mode = mode;
        this.audience = audience;
        this.dice = dice;
        this.draft = draft;
        this.hostile = new Hostile(dice, audience);
        this.grove = new Grove(dice);
        freeVariables.set(0, VARIABLES);
        actors[0] = new Actor(0, false, 1);
    }

    /** What the script is about. */
    public Mode mode() {
        return mode;
    }

    /** The highest version that the machine lets a domain have. */
    public int highestVersion() {
        return highestVersion;
    }

    /** The machine's command line limits the version. */
    void limitVersion(int highest) {
        highestVersion = highest;
    }

    /** Who is going to answer. */
    public Audience audience() {
        return audience;
    }

    /** Chance. */
    public Dice dice() {
        return dice;
    }

    /** Where lines go. */
    public Draft draft() {
        return draft;
    }

    /** Values that hardly make sense. */
    public Hostile hostile() {
        return hostile;
    }

    /** Trees. */
    public Grove grove() {
        return grove;
    }

    // Domains

    /** A domain that runs; d0 always does. */
    public Actor actor() {
        return anyActor(Actor::running);
    }

    /** A domain that runs and fits, if there is one. */
    public @Nullable Actor actorWhere(Predicate<Actor> wanted) {
        return actorOrNull(actor -> actor.running() && wanted.test(actor));
    }

    /** A PV domain that runs; d0 always does. */
    public Actor untranslated() {
        return anyActor(actor -> actor.running() && !actor.translated());
    }

    /** A PVH domain that runs, if there is one. */
    public @Nullable Actor translated() {
        return actorOrNull(actor -> actor.running() && actor.translated());
    }

    private Actor anyActor(Predicate<Actor> wanted) {
        Actor found = actorOrNull(wanted);
        if (found == null) {
            throw new IllegalStateException("d0 is always there");
        }
        return found;
    }

    private @Nullable Actor actorOrNull(Predicate<Actor> wanted) {
        Actor chosen = null;
        int seen = 0;
        for (Actor actor : actors) {
            if (actor != null && wanted.test(actor) && dice.below(++seen) == 0) {
                chosen = actor;
            }
        }
        return chosen;
    }

    /** The domain of a number, alive or dead; null when there was none. */
    public @Nullable Actor actor(int domid) {
        return actors[domid];
    }

    /** All numbers under which there is or was a domain. */
    public List<Actor> everyActor() {
        List<Actor> all = new ArrayList<>();
        for (Actor actor : actors) {
            if (actor != null) {
                all.add(actor);
            }
        }
        return all;
    }

    /** A new domain under a number. Entries of the former one are gone. */
    public void born(Actor actor) {
        buried(actor.domid());
        entries.values().removeIf(entry -> entry.granter() == actor.domid());
        actors[actor.domid()] = actor;
    }

    /** A domain dies: its mappings go, and others keep what they have mapped of it. */
    public void buried(int domid) {
        List<Mapped> own = mappings.values().stream()
                .filter(mapped -> mapped.grantee() == domid)
                .toList();
        own.forEach(this::released);
        grove.buried(domid);
        grove.everyLease().stream().filter(lease -> lease.grantee() == domid).forEach(this::released);
        Actor actor = actors[domid];
        if (actor != null) {
            actor.stops();
        }
    }

    /** How most lines name a domain, and sometimes in a way that hardly makes sense. */
    public String domain(Actor actor) {
        return dice.chance(97) ? actor.name() : hostile.domain();
    }

    // Pages

    /** A page that everybody likes to use. */
    public String page(Actor owner) {
        return dice.chance(90) && !owner.translated() ? "p" + dice.below(8) : "p" + dice.below(20);
    }

    /** A frame to grant or to copy. */
    public String frame(Actor owner) {
        int chance = dice.below(100);
        if (chance < 86) {
            return page(owner);
        }
        if (chance < 92) {
            // Which free frame an allocation gets is Xen's business, so its frames of a domain that may die are no name
            // for long.
            Actor other = anyActor(actor -> audience != Audience.XEN || actor.domid() == 0);
            return other.name() + "." + page(other);
        }
        if (chance < 95 && owner.translated()) {
            return "m" + dice.below(Actor.MAPPING_SLOTS);
        }
        return hostile.frame();
    }

    // Entries

    private static long key(int granter, long ref) {
        return (long) granter << Integer.SIZE | ref;
    }

    /** A reference that is often used, and seldom a strange one. */
    public long ref() {
        return dice.chance(93) ? dice.between(8, 27) : hostile.ref();
    }

    /** The guest wrote an entry. */
    public void wrote(Entry entry) {
        entries.remove(key(entry.granter(), entry.ref()));
        entries.put(key(entry.granter(), entry.ref()), entry);
    }

    /** The guest emptied an entry. */
    public void cleared(int granter, long ref) {
        entries.remove(key(granter, ref));
    }

    /** What an entry says. */
    public @Nullable Entry entry(int granter, long ref) {
        return entries.get(key(granter, ref));
    }

    /** Two entries change places. */
    public void swapped(int granter, long a, long b) {
        Entry first = entries.remove(key(granter, a));
        Entry second = entries.remove(key(granter, b));
        if (first != null) {
            wrote(new Entry(granter, b, first.kind(), first.grantee(), first.frame(), first.readonly()));
        }
        if (second != null) {
            wrote(new Entry(granter, a, second.kind(), second.grantee(), second.frame(), second.readonly()));
        }
    }

    /** The table lost what set_version does not keep. */
    public void wiped(int granter) {
        entries.values().removeIf(entry -> entry.granter() == granter && entry.ref() >= 8);
    }

    /** Some entry that fits, if there is one. */
    public @Nullable Entry entryWhere(Predicate<Entry> wanted) {
        return some(entries.values(), wanted);
    }

    /** Something is done with a reference of a domain that a pin may outlast. */
    public void touched(int granter, long ref) {
        if (ref >= 0 && ref < 1 << 16) {
            touched.set(granter << 16 | (int) ref);
        }
    }

    /** Whether anything was ever done with a reference. */
    public boolean wasTouched(int granter, long ref) {
        return ref >= 0 && ref < 1 << 16 && touched.get(granter << 16 | (int) ref);
    }

    // Mappings

    /** A variable for a new handle, or -1. */
    public int variable() {
        int free = freeVariables.cardinality();
        if (free == 0) {
            return -1;
        }
        int variable = nth(freeVariables, dice.below(free));
        freeVariables.clear(variable);
        return variable;
    }

    /** A variable without a handle. */
    public int unusedVariable() {
        int free = freeVariables.cardinality();
        return free == 0 ? VARIABLES : nth(freeVariables, dice.below(free));
    }

    /** Whether mappings should be undone now. */
    public boolean crowded() {
        return freeVariables.cardinality() < SPARE_VARIABLES;
    }

    /** A slot for a new mapping, or -1. */
    public int slot(Actor grantee) {
        int free = grantee.freeSlots().cardinality();
        if (free == 0) {
            return -1;
        }
        int slot = nth(grantee.freeSlots(), dice.below(free));
        grantee.freeSlots().clear(slot);
        return slot;
    }

    private static int nth(BitSet set, int n) {
        int at = set.nextSetBit(0);
        for (int i = 0; i < n; i++) {
            at = set.nextSetBit(at + 1);
        }
        return at;
    }

    /** Something is mapped now. */
    public void mapped(Mapped mapped) {
        mappings.put(mapped.variable(), mapped);
        uses.computeIfAbsent(key(mapped.granter(), mapped.ref()), key -> new Use(mapped.grantee())).count++;
        touched(mapped.granter(), mapped.ref());
    }

    /** Some mapping that fits, if there is one. */
    public @Nullable Mapped mappingWhere(Predicate<Mapped> wanted) {
        return some(mappings.values(), wanted);
    }

    /** All mappings, in the order in which they were made. */
    public List<Mapped> everyMapping() {
        return List.copyOf(mappings.values());
    }

    /** Whether a reference is in use. */
    public boolean pinned(int granter, long ref) {
        return uses.containsKey(key(granter, ref));
    }

    /** Whether somebody else uses a reference, so that it cannot be mapped. */
    public boolean pinnedByOther(int granter, long ref, int grantee) {
        Use use = uses.get(key(granter, ref));
        return use != null && use.grantee != grantee;
    }

    /** Whether others still have pages of a domain mapped. */
    public boolean heldByOthers(int domid) {
        for (Mapped mapped : mappings.values()) {
            if (mapped.granter() == domid && mapped.grantee() != domid) {
                return true;
            }
        }
        return false;
    }

    /** A mapping is gone. */
    public void released(Mapped mapped) {
        if (mappings.remove(mapped.variable()) != null) {
            freeVariables.set(mapped.variable());
            uses.computeIfPresent(key(mapped.granter(), mapped.ref()), (key, use) -> --use.count == 0 ? null : use);
            Actor grantee = actors[mapped.grantee()];
            if (mapped.slot() >= 0 && grantee != null) {
                grantee.freeSlots().set(mapped.slot());
            }
        }
    }

    /** The first of several slots in a row for new mappings, or -1. */
    public int slots(Actor grantee, int count) {
        BitSet free = grantee.freeSlots();
        for (int slot = free.nextSetBit(0); slot >= 0; slot = free.nextSetBit(slot + 1)) {
            if (free.nextClearBit(slot) - slot >= count) {
                free.clear(slot, slot + count);
                return slot;
            }
        }
        return -1;
    }

    /** What v3_map made is gone. */
    public void released(Grove.Lease lease) {
        if (grove.released(lease)) {
            freeVariables.set(lease.variable());
            Actor grantee = actors[lease.grantee()];
            if (lease.slot() >= 0 && grantee != null) {
                grantee.freeSlots().set(lease.slot(), lease.slot() + lease.count());
            }
        }
    }

    private <T> @Nullable T some(Collection<T> all, Predicate<T> wanted) {
        T chosen = null;
        int seen = 0;
        for (T one : all) {
            if (wanted.test(one) && dice.below(++seen) == 0) {
                chosen = one;
            }
        }
        return chosen;
    }
}
