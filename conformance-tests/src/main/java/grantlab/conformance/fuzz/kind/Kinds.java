package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Dice;
import java.util.List;
import java.util.stream.Stream;

/** All kinds, each as often as its weight says. */
public final class Kinds {
    private static final List<Batchable> BATCHABLE = List.of(
            new MapGrant(),
            new UnmapGrant(),
            new CopyGrant(),
            new ReplaceMapping(),
            new TransferFrame(),
            new SwapEntries(),
            new FlushCache());

    private static final List<Kind> OTHERS = List.of(
            new GrantPage(),
            new GrantPart(),
            new GrantHop(),
            new AcceptTransfer(),
            new WithdrawGrant(),
            new WildEntry(),
            new Batch(BATCHABLE),
            new UndoMappings(),
            new AskTable(),
            new SetVersion(),
            new RawCall(),
            new LookAtTable(),
            new TouchMemory(),
            new ChangePageTable(),
            new GiveAndTakeMemory(),
            new ChangePhysmap(),
            new CreateDomain(),
            new DestroyDomain(),
            new LookAtDomain(),
            new UseUp());

    private static final List<Batchable> BATCHABLE_OF_TREES =
            List.of(new MapLeaf(), new MapBlock(), new UnmapLeaf(), new CopyLeaf());

    private static final List<Kind> OTHERS_OF_TREES = List.of(
            new CreateTree(),
            new UpdateTree(),
            new DestroyTree(),
            new WriteLeaf(),
            new GrantBlock(),
            new GrantRun(),
            new ChangeLeaf(),
            new WriteNode(),
            new KeepTree(),
            new WildTreeCall(),
            new RevokeLeaves(),
            new RevokeReferences(),
            new DowngradeLeaves(),
            new BindVirtual(),
            new RegisterRing(),
            new TurnRing(),
            new SetQuotas(),
            new SetReserve(),
            new SetFaultMode(),
            new Batch(BATCHABLE_OF_TREES));

    private final Kind[] byWeight;

    private Kinds(List<Batchable> batchable, List<Kind> others) {
        byWeight = new Kind[sum(batchable) + sum(others)];
        int at = 0;
        for (Kind kind : batchable) {
            at = fill(kind, at);
        }
        for (Kind kind : others) {
            at = fill(kind, at);
        }
    }

    private static int sum(List<? extends Kind> kinds) {
        return kinds.stream().mapToInt(Kind::weight).sum();
    }

    private int fill(Kind kind, int from) {
        int at = from;
        for (int i = 0; i < kind.weight(); i++) {
            byWeight[at++] = kind;
        }
        return at;
    }

    /** All that real Xen knows. */
    public static Kinds ofTables() {
        return new Kinds(BATCHABLE, OTHERS);
    }

    /** These and those of trees. */
    public static Kinds ofTablesAndTrees() {
        return new Kinds(
                Stream.concat(BATCHABLE.stream(), BATCHABLE_OF_TREES.stream()).toList(),
                Stream.concat(OTHERS.stream(), OTHERS_OF_TREES.stream()).toList());
    }

    /** One of them. */
    public Kind any(Dice dice) {
        return byWeight[dice.below(byWeight.length)];
    }
}
