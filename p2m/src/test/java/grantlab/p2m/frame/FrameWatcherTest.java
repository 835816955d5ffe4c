package grantlab.p2m.frame;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.FrameWatcher;
import grantlab.api.memory.MachineRam;
import grantlab.p2m.Machines;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What whoever watches a domain's frames is told, and what follows from the answer. */
class FrameWatcherTest {
    private static final int WATCHED = 1;
    private static final int OTHER = 2;

    private final MachineRam ram = Machines.create("on-heap", Machines.SPARSE);
    private final FrameTable frames = ram.frames();
    private final List<String> told = new ArrayList<>();
    private boolean admits = true;
    private long lost;
    private Runnable meanwhile = () -> {};

    @BeforeEach
    void watch() {
        frames.admit(WATCHED, true);
        frames.admit(OTHER, true);
        frames.watch(WATCHED, new FrameWatcher() {
            @Override
            public void gained(long mfn, int order) {
                told.add("gained " + order);
            }

            @Override
            public boolean typed(long mfn, int type) {
                told.add("typed " + type + ", " + frames.typeUses(mfn) + " uses");
                return admits;
            }

            @Override
            public void lost(long mfn) {
                told.add("lost, " + frames.references(mfn) + " references, owner " + frames.owner(mfn));
                lost = mfn;
            }

            @Override
            public void forget() {
                told.add("forget, owner " + frames.owner(lost));
                meanwhile.run();
            }
        });
    }

    @AfterEach
    void close() {
        ram.close();
    }

    private List<String> toldSince() {
        List<String> since = List.copyOf(told);
        told.clear();
        return since;
    }

    @Test
    void framesThatComeAndGo() {
        long mfn = frames.allocate(WATCHED, 0);
        frames.allocate(WATCHED, 9);
        assertThat(toldSince()).containsExactly("gained 0", "gained 9");

        frames.get(mfn, 0, WATCHED);
        frames.releaseAllocation(mfn);
        assertThat(toldSince()).as("somebody holds it").isEmpty();
        frames.put(mfn, 0);
        assertThat(toldSince())
                .as("first before the owner goes, then while it is nobody's")
                .containsExactly("lost, 0 references, owner " + WATCHED, "forget, owner " + FrameTable.NO_OWNER);
        assertThat(frames.pages(WATCHED)).isEqualTo(512);
        assertThat(frames.allocate(OTHER, 0)).as("then anybody's").isEqualTo(mfn);
    }

    /** Devices may hang: who has to wait for them is the one whose they are. */
    @Test
    @Timeout(60)
    void othersGoOnWhileAFrameIsForgotten() {
        for (boolean stolen : new boolean[] {false, true}) {
            long mfn = frames.allocate(WATCHED, 0);
            AtomicLong other = new AtomicLong();
            meanwhile = () -> CompletableFuture.runAsync(() -> {
                        other.set(frames.allocate(OTHER, 0));
                        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER))
                                .as("there is nothing to hold")
                                .isFalse();
                    })
                    .join();
            if (stolen) {
                assertThat(frames.steal(mfn, WATCHED, 1)).isTrue();
            } else {
                frames.releaseAllocation(mfn);
            }
            assertThat(other.get()).isNotIn(FrameTable.NONE, mfn);
            meanwhile = () -> {};
        }
    }

    @Test
    void aFrameThatOnlyABlockKeepsIsForgottenWithTheBlock() {
        long block = frames.allocate(WATCHED, 9);
        toldSince();
        assertThat(frames.get(block, 9, WATCHED)).isTrue();
        frames.releaseAllocation(block + 3);
        assertThat(toldSince()).isEmpty();
        frames.put(block, 9);
        assertThat(toldSince())
                .containsExactly("lost, 0 references, owner " + WATCHED, "forget, owner " + FrameTable.NO_OWNER);
        assertThat(frames.owner(block + 3)).isEqualTo(FrameTable.NO_OWNER);
        assertThat(frames.owner(block + 4)).isEqualTo(WATCHED);
    }

    @Test
    void framesThatAreStolenAndGiven() {
        long mfn = frames.allocate(OTHER, 0);
        assertThat(frames.steal(mfn, OTHER, 1)).isTrue();
        assertThat(toldSince()).isEmpty();
        frames.assign(mfn, WATCHED);
        assertThat(toldSince()).containsExactly("gained 0");
        assertThat(frames.steal(mfn, WATCHED, 2)).isFalse();
        assertThat(toldSince()).as("it stays").isEmpty();
        assertThat(frames.steal(mfn, WATCHED, 1)).isTrue();
        assertThat(toldSince()).hasSize(2).first().asString().startsWith("lost");
    }

    @Test
    void onlyTheFirstUseOfATypeIsTold() {
        long mfn = frames.allocate(WATCHED, 0);
        long foreign = frames.allocate(OTHER, 0);
        toldSince();

        assertThat(frames.getType(mfn, FrameTable.TYPE_L1)).isTrue();
        assertThat(frames.getType(mfn, FrameTable.TYPE_L1)).isTrue();
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isFalse();
        assertThat(toldSince()).as("the use is there already").containsExactly("typed 1, 1 uses");
        frames.putType(mfn);
        frames.putType(mfn);
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        assertThat(toldSince()).containsExactly("typed 5, 1 uses");

        assertThat(frames.getType(foreign, FrameTable.TYPE_L1)).isTrue();
        assertThat(toldSince()).as("another's").isEmpty();
    }

    @Test
    void aRefusedUseLeavesNothing() {
        long mfn = frames.allocate(WATCHED, 0);
        admits = false;
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isFalse();
        assertThat(frames.type(mfn)).isEqualTo(FrameTable.TYPE_NONE);
        assertThat(frames.typeUses(mfn)).isZero();
        admits = true;
        assertThat(frames.getType(mfn, FrameTable.TYPE_L4)).isTrue();
    }

    @Test
    void framesOfTheHypervisorAreNotTold() {
        long mfn = frames.allocateShared(WATCHED);
        assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        frames.putType(mfn);
        frames.freeShared(mfn);
        assertThat(toldSince()).isEmpty();
    }

    @Test
    void aSuccessorWithTheNumberIsNotWatched() {
        frames.admit(WATCHED, true);
        long mfn = frames.allocate(WATCHED, 0);
        frames.getType(mfn, FrameTable.TYPE_L1);
        assertThat(toldSince()).isEmpty();
    }
}
