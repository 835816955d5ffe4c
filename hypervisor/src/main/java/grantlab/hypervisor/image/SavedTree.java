package grantlab.hypervisor.image;

import grantlab.api.abi.V3TreeCreate;
import grantlab.hypervisor.tree.Tree;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * One tree in an image: what tree_create needs to make it again.
 *
 * @param slot 1..4095
 * @param generation 0..255
 * @param levels 1..4
 * @param indexLimit exclusive, in pages
 * @param maxActive leaves in use
 * @param maxMappings mappings
 * @param terms what the granter asked for; the root's number is where the root is now
 */
record SavedTree(
        int slot, int generation, int levels, long indexLimit, int maxActive, int maxMappings, Tree.Terms terms) {
    static SavedTree of(Tree tree) {
        return new SavedTree(
                tree.slot(),
                tree.generation(),
                tree.levels(),
                tree.indexLimit(),
                tree.maxActive(),
                tree.maxMappings(),
                tree.terms());
    }

    void write(DataOutputStream out) throws IOException {
        out.writeShort(slot);
        out.writeByte(generation);
        out.writeByte(levels);
        out.writeLong(indexLimit);
        out.writeInt(maxActive);
        out.writeInt(maxMappings);
        out.writeInt(terms.flags() | V3TreeCreate.FIXED_ID);
        out.writeShort(terms.peer());
        out.writeLong(terms.cookie());
        out.writeInt(terms.device());
        out.writeLong(terms.rootGfn());
    }

    /** The ring is not in an image: the guest registers it anew. */
    static SavedTree read(DataInputStream in) throws IOException {
        int slot = in.readUnsignedShort();
        int generation = in.readUnsignedByte();
        int levels = in.readUnsignedByte();
        long indexLimit = in.readLong();
        int maxActive = in.readInt();
        int maxMappings = in.readInt();
        int flags = in.readInt();
        int peer = in.readUnsignedShort();
        long cookie = in.readLong();
        int device = in.readInt();
        long rootGfn = in.readLong();
        Tree.Terms terms = new Tree.Terms(flags, peer, cookie, Tree.NOTHING, device, rootGfn);
        return new SavedTree(slot, generation, levels, indexLimit, maxActive, maxMappings, terms);
    }
}
