package grantlab.hypervisor.quiescence;

import java.util.Arrays;

/**
 * The reader side of everything that hypercalls look at without a lock: grant tables in force, domains, table frames. A
 * reader enters its own {@link Section} once per hypercall; a writer unpublishes what it changes and waits until all who
 * may still look at it have left (Xen's per-CPU rwlock and RCU play these parts, xen-semantics 3.11).
 *
 * <p>Nobody blocks while inside a section: a writer leaves its own before it waits or takes a lock.
 */
public final class Quiescence {
    private volatile Section[] sections = {};
    private int longest;

    /** Held by who recalls: another one's asking would come between his and what he gives back. */
    private final Object recalling = new Object();

    /** No vCPU exists yet. */
    public Quiescence() {}

    /**
     * A vCPU comes.
     *
     * @return its section, outside
     */
    public synchronized Section join() {
        Section section = new Section();
        Section[] grown = Arrays.copyOf(sections, sections.length + 1);
        grown[sections.length] = section;
        sections = grown;
        return section;
    }

    /**
     * A vCPU goes.
     *
     * @param section its own, outside
     */
    public synchronized void part(Section section) {
        longest = Math.max(longest, section.longest());
        sections = Arrays.stream(sections).filter(other -> other != section).toArray(Section[]::new);
    }

    /**
     * The longest slice: the most records that anybody handled without giving others the chance to have the CPU.
     *
     * @return of those that {@link Section#works} was told of
     */
    public synchronized int longestSlice() {
        return Arrays.stream(sections).mapToInt(Section::longest).reduce(longest, Math::max);
    }

    /**
     * Returns when everybody who was inside at the call has left, and nobody keeps anything any more that he had before the call. The
     * caller is outside.
     */
    public void recall() {
        recall(sections);
    }

    /**
     * {@link #recall} from the vCPUs of one domain: nobody waits for others.
     *
     * @param whose they are, as {@link Section#keeps} was told
     */
    public void recall(Object whose) {
        recall(Arrays.stream(sections).filter(section -> section.isOf(whose)).toArray(Section[]::new));
    }

    private void recall(Section[] from) {
        synchronized (recalling) {
            for (Section section : from) {
                section.ask();
            }
            for (Section section : from) {
                section.awaitLeft();
            }
            for (Section section : from) {
                section.takeBack();
            }
        }
    }

    /** Returns when everybody who was inside at the call has left. The caller is outside. */
    public void await() {
        for (Section section : sections) {
            section.awaitLeft();
        }
    }
}
