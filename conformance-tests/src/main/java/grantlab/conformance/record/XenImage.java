package grantlab.conformance.record;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The hypervisor as QEMU boots it: not compressed. */
final class XenImage {
    private static final int GZIP_MAGIC_0 = 0x1f;
    private static final int GZIP_MAGIC_1 = 0x8b;

    private XenImage() {}

    /**
     * Unpacks a hypervisor that is compressed with gzip.
     *
     * @param image compressed or not
     * @param cache where the unpacked one is kept
     * @return one that is not compressed
     * @throws RequirementException when the file cannot be unpacked
     */
    static Path unpacked(Path image, Cache cache) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        if (!isCompressed(bytes)) {
            return image;
        }
        return cache.file("xen-" + new Fingerprint().bytes(bytes).name(), work -> {
            Path unpacked = work.resolve("xen");
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                Files.copy(in, unpacked);
            } catch (ZipException e) {
                throw new RequirementException(
                        "the hypervisor " + image + " cannot be unpacked with gzip: " + e.getMessage());
            }
            return unpacked;
        });
    }

    private static boolean isCompressed(byte[] bytes) {
        return bytes.length > 1 && (bytes[0] & 0xff) == GZIP_MAGIC_0 && (bytes[1] & 0xff) == GZIP_MAGIC_1;
    }
}
