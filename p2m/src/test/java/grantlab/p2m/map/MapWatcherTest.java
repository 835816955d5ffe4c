package grantlab.p2m.map;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.PhysicalMap;
import grantlab.p2m.Machines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What whoever watches a map is told, and when: after the change, once for each entry. */
class MapWatcherTest {
    private final MachineRam ram = Machines.create("on-heap", Machines.SPARSE);
    private final FrameTable frames = ram.frames();
    private final PhysicalMap map = ram.translatedMap(1);
    private final PhysicalMap.Removed removed = new PhysicalMap.Removed();
    private final List<String> told = new ArrayList<>();
    private long own;
    private long foreign;

    @BeforeEach
    void watch() {
        frames.admit(1, false);
        frames.admit(2, false);
        own = frames.allocate(1, 0);
        foreign = frames.allocate(2, 0);
        map.watch(new MapWatcher() {
            @Override
            public void changed(long gfn, int order, boolean first) {
                String now = map.entry(gfn) == PhysicalMap.INVALID ? "-" : "+";
                told.add("%d/%d: %s%s".formatted(gfn, order, now, first ? " first" : ""));
            }

            @Override
            public void forget() {
                told.add("forget, " + frames.references(foreign) + " references");
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
    void entriesThatAreSetAndCleared() {
        map.set(7, own, 0, PhysicalMap.RAM_RW);
        map.set(7, own, 0, PhysicalMap.RAM_RO);
        map.clear(7, 0);
        assertThat(toldSince()).containsExactly("7/0: + first", "7/0: +", "7/0: -");
        map.clear(7, 0);
        assertThat(toldSince()).as("there was nothing").isEmpty();
    }

    @Test
    void largeEntriesAndTheirParts() {
        long block = frames.allocate(1, 9);
        map.set(512, block, 9, PhysicalMap.RAM_RW);
        map.clear(513, 0);
        map.clear(512, 9);
        assertThat(toldSince()).containsExactly("512/9: +", "513/0: -", "512/9: -");
    }

    @Test
    void memoryThatComesMovesAndGoes() {
        assertThat(map.populate(7, own)).isEqualTo(7);
        assertThat(toldSince()).containsExactly("7/0: + first");
        assertThat(map.adopt(8, own)).isEqualTo(PhysicalMap.INVALID);
        assertThat(toldSince()).as("a page is in one place").containsExactly("8/0: + first", "7/0: -");
        assertThat(map.decrease(8, removed)).isZero();
        assertThat(toldSince()).containsExactly("8/0: -");
    }

    @Test
    void aForeignFrameIsForgottenBeforeItIsLetGo() {
        frames.get(foreign, 0, 2);
        map.set(7, foreign, 0, PhysicalMap.FOREIGN);
        toldSince();
        assertThat(map.remove(7)).isZero();
        assertThat(toldSince()).containsExactly("7/0: -", "forget, 2 references");
        assertThat(frames.references(foreign)).isEqualTo(1);
    }
}
