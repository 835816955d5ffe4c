package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.Slab;
import java.lang.invoke.VarHandle;

/**
 * Eight records that are <em>together</em> (grant-v3.md, section 6): of a run of pages in a set that has an index, each the only mapping of
 * its act, in the order of acts and units, at places of the same distance. The words of the first hold for all of them, with act, unit
 * and position counted up; the second lends words for the frames. Two cache lines are touched then in the place of eight.
 *
 * <pre>
 *   first    0  from one place to the next
 *            1  {@link RecordWord}, which says that they are together
 *            2 to 7  as of a record by itself
 *   second   0  frame of the second
 *            1  its generation, as of all others
 *            2 to 7  frames of the third and of those behind it
 * </pre>
 *
 * v3_unmap takes them out of their set as one. Whoever else changes one of them, or puts a mapping beside it in the list of its act, parts
 * them first ({@link Records#part}); the words of the first stay as they are then, so that who looks without a lock sees either. Static
 * functions over the words; {@code at} is where a record begins in its page.
 */
public final class RecordOctet {
    private static final int WORDS = Slab.OCTET * Slab.APART;

    /** From here on the second record has the frames of others in the words of their numbers. */
    private static final int THIRD = 2;

    private RecordOctet() {}

    /** Where the first of eight begins. */
    static int first(int at) {
        return at & -WORDS;
    }

    private static int number(int at) {
        return (at & WORDS - 1) / Slab.APART;
    }

    /** Word 1 of the first of eight. */
    static long word(long[] page, int at) {
        return Slab.getAcquire(page, first(at) + 1);
    }

    /** Whether a record is one of eight that are together. */
    static boolean has(long[] page, int at) {
        return RecordWord.isTogether(word(page, at));
    }

    // From one to eight and back

    /**
     * Whether the way from one place to the next is always the same.
     *
     * @param places of eight
     */
    public static boolean fits(long[] places) {
        long apart = places[1] - places[0];
        long other = 0;
        for (int i = 1; i < Slab.OCTET; i++) {
            other |= (places[i] - places[i - 1]) ^ apart;
        }
        return other == 0;
    }

    /**
     * Fills what is of the places; the first has its words 4 to 7 already.
     *
     * @param at of the first
     * @param word of a record that lives
     * @param places that fit
     * @param frames of eight
     */
    static void fill(long[] page, int at, long word, long[] places, long[] frames) {
        page[at] = places[1] - places[0];
        page[at + 2] = places[0];
        page[at + 3] = frames[0];
        int second = at + Slab.APART;
        page[second] = frames[1];
        System.arraycopy(frames, THIRD, page, second + THIRD, Slab.OCTET - THIRD);
        Slab.setRelease(page, at + 1, RecordWord.together(word));
    }

    /**
     * Each gets its own words, from the last to the first, since the frames lie in what becomes the second.
     *
     * @param at of the first, which says that they are being parted
     * @param state of each afterwards
     */
    static void part(long[] page, int at, int state) {
        long word = RecordWord.apart(RecordWord.inState(word(page, at), state));
        for (int i = Slab.OCTET - 1; i > 0; i--) {
            int own = at + i * Slab.APART;
            long frame = frame(page, own);
            page[own + 2] = place(page, own);
            page[own + 3] = frame;
            page[own + 4] = use(page, own);
            page[own + 5] = -1;
            page[own + 6] = unit(page, own);
            page[own + 7] = set(page, own);
            Slab.setRelease(page, own + 1, RecordWord.like(word, page[own + 1]));
        }
        Slab.setRelease(page, at + 1, word);
    }

    /**
     * There is no mapping any more. The generation goes on, so that who looks without a lock does not take others for these.
     *
     * @param at of the first
     */
    static void end(long[] page, int at) {
        Slab.setRelease(page, at + 1, RecordWord.ended(RecordWord.nextGeneration(page[at + 1])));
        VarHandle.storeStoreFence();
    }

    // One of them

    /** Where it stands. */
    static long place(long[] page, int at) {
        int first = first(at);
        return page[first + 2] + number(at) * page[first];
    }

    /** Its word 4. */
    static long use(long[] page, int at) {
        return page[first(at) + 4] + number(at);
    }

    /** Its word 6. */
    static long unit(long[] page, int at) {
        return page[first(at) + 6] + ((long) number(at) << Integer.SIZE);
    }

    /** Its word 7. */
    static long set(long[] page, int at) {
        return page[first(at) + 7] + number(at);
    }

    /** Its frame. */
    static long frame(long[] page, int at) {
        int first = first(at);
        int number = number(at);
        return number == 0 ? page[first + 3] : page[first + Slab.APART + (number == 1 ? 0 : number)];
    }

    /**
     * Whether what was found without a lock is what stood there: nobody parts them, which takes the frames away, and they did not
     * end.
     *
     * @param seen {@link #word} before
     */
    static boolean isSteady(long[] page, int at, long seen) {
        VarHandle.acquireFence();
        return RecordWord.state(seen) != RecordWord.CLAIMED && word(page, at) == seen;
    }

    // For v3_unmap, which takes them out as one

    /**
     * What was taken out.
     *
     * @param at of the first
     * @return the way from one place to the next
     */
    public static long apart(long[] page, int at) {
        return page[at];
    }

    /**
     * What was taken out.
     *
     * @param at of the first
     * @param into has the frames of all eight afterwards
     * @param from where in it they begin
     */
    public static void copyFrames(long[] page, int at, long[] into, int from) {
        into[from] = page[at + 3];
        into[from + 1] = page[at + Slab.APART];
        System.arraycopy(page, at + Slab.APART + THIRD, into, from + THIRD, Slab.OCTET - THIRD);
    }

    /**
     * Whoever took them out has read what he needs.
     *
     * @param at of the first
     */
    public static void leaveSet(long[] page, int at) {
        Slab.setRelease(page, at + 7, (long) Records.NONE << Integer.SIZE);
    }
}
