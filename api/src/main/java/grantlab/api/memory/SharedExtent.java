package grantlab.api.memory;

/**
 * A run of RAM that lies in an open file of this process: another process that is handed the file maps it, and reaches all of it.
 *
 * @param address machine address of its first byte
 * @param bytes whole pages
 * @param descriptor of the file; open as long as the machine
 * @param offset of the first byte in the file
 */
public record SharedExtent(long address, long bytes, int descriptor, long offset) {}
