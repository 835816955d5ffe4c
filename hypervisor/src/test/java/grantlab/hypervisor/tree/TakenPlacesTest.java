package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.hypervisor.quota.PagePool;
import org.junit.jupiter.api.Test;

/** Where something was taken (grant-v3.md, FAULT-11 to FAULT-13): more places than there are chains. */
class TakenPlacesTest {
    private static final int MANY = 3000;
    private static final int GRANTER = 5;
    private static final int LARGE = 9;
    private static final long BASE = 1L << 30;

    private final PagePool pool = new PagePool();
    private final Records records = new Records(pool, 1);
    private final TakenPlaces places = new TakenPlaces(records, new LeafActs(pool, 1));

    private int taken(long place, int order) {
        int record = records.stock(0).take();
        records.fill(record, true, Access.READ | Access.HOST, 0, order, place, 0, GRANTER, 7, true);
        places.add(record);
        return record;
    }

    @Test
    void eachIsFoundUntilItIsRemoved() {
        int[] made = new int[MANY];
        for (int n = 0; n < MANY; n++) {
            made[n] = taken(n, 0);
        }
        for (int n = 0; n < MANY; n += 3) {
            places.remove(made[n]);
        }
        for (int n = 0; n < MANY; n++) {
            assertThat(places.met(n) != null).as("place %d", n).isEqualTo(n % 3 != 0);
        }
        for (int n = 0; n < MANY; n++) {
            places.remove(made[n]);
        }
        assertThat(places.isEmpty()).isTrue();
        assertThat(places.met(1)).isNull();
    }

    /** All hang in one chain, and go from its ends and out of its middle; what was never there, or is no more, goes nowhere. */
    @Test
    void oneChainLosesAnyOfItsRecords() {
        int[] made = new int[9];
        for (int n = 0; n < made.length; n++) {
            made[n] = taken(1, 0);
        }
        int never = records.stock(0).take();
        records.fill(never, true, Access.READ | Access.HOST, 0, 0, 1, 0, GRANTER, 7, true);
        places.remove(never);
        for (int n : new int[] {4, 8, 0, 3, 5, 7, 1}) {
            places.remove(made[n]);
            places.remove(made[n]);
            assertThat(places.met(1)).isNotNull();
        }
        places.remove(made[6]);
        assertThat(places.met(1)).as("the last").isNotNull();
        places.remove(made[2]);
        assertThat(places.met(1)).isNull();
        assertThat(places.isEmpty()).isTrue();
    }

    @Test
    void graveIsEmpty() {
        int one = taken(1, 0);
        places.dispose();
        places.remove(one);
        assertThat(places.isEmpty()).isTrue();
    }

    @Test
    void blockIsFoundByEachPageAndNoOther() {
        int block = taken(BASE, LARGE);
        assertThat(places.met(BASE)).isNotNull();
        assertThat(places.met(BASE + (1 << LARGE) - 1)).isNotNull();
        assertThat(places.met(BASE + (1 << LARGE))).isNull();
        assertThat(places.met(BASE - 1)).isNull();
        places.remove(block);
        assertThat(places.met(BASE)).isNull();
    }

    @Test
    void firstFaultsAreTold() {
        int one = taken(1, 0);
        int other = taken(2, 0);
        for (int fault = 0; fault < 2 * TakenPlaces.GUARD; fault++) {
            TakenPlaces.Loss loss = places.met(1);
            assertThat(loss).isEqualTo(new TakenPlaces.Loss(GRANTER, 0, 0, fault < TakenPlaces.GUARD));
        }
        assertThat(places.met(2)).isEqualTo(new TakenPlaces.Loss(GRANTER, 0, 0, true));
        assertThat(records.granter(one)).isEqualTo(GRANTER);
        assertThat(records.act(one)).isEqualTo(7);
        places.remove(one);
        places.remove(other);
    }

    /** What was taken last at a place is what an access misses there. */
    @Test
    void lastIsFoundFirst() {
        int before = taken(1, 0);
        for (int fault = 0; fault < TakenPlaces.GUARD; fault++) {
            places.met(1);
        }
        int last = taken(1, 0);
        assertThat(places.met(1)).isEqualTo(new TakenPlaces.Loss(GRANTER, 0, 0, true));
        places.remove(last);
        assertThat(places.met(1)).isEqualTo(new TakenPlaces.Loss(GRANTER, 0, 0, false));
        places.remove(before);
        assertThat(places.met(1)).isNull();
    }
}
