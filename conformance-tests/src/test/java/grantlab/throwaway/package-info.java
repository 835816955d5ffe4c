/**
 * A grant format that nobody would ship, to see whether the SPI carries what version 1 does not need: a table in the
 * granter's own memory, entries for 2 MiB, an entry that is looked at by each use, and a tree for each peer. Like a
 * stranger's format it sees nothing but {@code grantlab.api}.
 */
@NullMarked
package grantlab.throwaway;

import org.jspecify.annotations.NullMarked;
