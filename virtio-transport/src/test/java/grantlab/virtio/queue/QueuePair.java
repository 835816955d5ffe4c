package grantlab.virtio.queue;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Both sides of one queue in one memory. The queue begins at 4096; indirect tables follow; data lies behind. */
final class QueuePair {
    static final int TABLE_ELEMENTS = 4;
    private static final int PAGE = 4096;

    final Form form;
    final QueueLayout layout;
    final FlatMemory memory;
    final FlatMemory.View driverView;
    final FlatMemory.View deviceView;
    final long tables;
    final long end;
    DriverQueue driver;
    DeviceQueue device;

    QueuePair(Form form) {
        this.form = form;
        long descriptors = PAGE;
        long driverArea = descriptors + 16L * form.size();
        long deviceArea = driverArea + 2L * form.size() + 16 & -4L;
        long queueEnd = deviceArea + 8L * form.size() + 8;
        tables = queueEnd + PAGE - 1 & -PAGE;
        int tablePages = IndirectTables.pages(form.size(), TABLE_ELEMENTS);
        end = tables + (long) tablePages * PAGE;
        layout = new QueueLayout(form.size(), descriptors, driverArea, deviceArea);
        memory = new FlatMemory((int) end);
        driverView = memory.new View();
        deviceView = memory.new View();
        restart();
    }

    /** Both sides begin anew, as after a reset. */
    void restart() {
        restart(driverView, deviceView);
    }

    void restart(FlatMemory.View driversView, FlatMemory.View devicesView) {
        long[] pages = LongStream.range(0, IndirectTables.pages(form.size(), TABLE_ELEMENTS))
                .map(n -> tables + n * PAGE)
                .toArray();
        driver = DriverQueue.of(
                driversView,
                layout,
                form.features(),
                new IndirectTables(pages, Arrays.copyOf(pages, pages.length), TABLE_ELEMENTS));
        device = DeviceQueue.of(devicesView, layout, form.features());
    }
}
