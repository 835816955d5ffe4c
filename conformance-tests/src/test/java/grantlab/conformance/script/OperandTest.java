package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperandTest {
    @ParameterizedTest
    @CsvSource({
        "NUMBER, 0",
        "NUMBER, -1",
        "NUMBER, 0xff",
        "NUMBER, 18446744073709551615",
        "ADDRESS, p0",
        "ADDRESS, m63",
        "ADDRESS, d5.p7",
        "ADDRESS, pte:m3",
        "ADDRESS, ma:p1",
        "ADDRESS, ma:d1.p1+8",
        "ADDRESS, m4+0xfff",
        "ADDRESS, 0x30000000000",
        "ADDRESS, p0+8",
        "FRAME, p3",
        "FRAME, d2.m1",
        "FRAME, none",
        "FRAME, 0x7fffffff",
        "DOMAIN, d0",
        "DOMAIN, d9",
        "DOMAIN, self",
        "DOMAIN, idle",
        "DOMAIN, 65535",
        "TABLE, d5",
        "TABLE, 0",
        "CREATED, d1",
        "HANDLE, v255",
        "HANDLE, #12",
        "HANDLE, 4294967295",
        "VARIABLE, v0",
        "SWITCH, 1",
        "BATCH_SIZE, 96",
    })
    void shouldAccept(Operand operand, String text) {
        assertThat(operand.accepts(text)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "NUMBER, 0xFF",
        "NUMBER, 12k",
        "NUMBER, 0x",
        "NUMBER, ''",
        "NUMBER, p0",
        "NUMBER, 0x11111111111111111",
        "ADDRESS, p64",
        "ADDRESS, m100",
        "ADDRESS, d6.p0",
        "ADDRESS, pte:p0",
        "ADDRESS, p0+",
        "ADDRESS, p0-8",
        "ADDRESS, none",
        "FRAME, p0+8",
        "FRAME, pte:m0",
        "FRAME, all",
        "DOMAIN, dx",
        "DOMAIN, dom0",
        "DOMAIN, p0",
        "TABLE, d6",
        "TABLE, self",
        "CREATED, d0",
        "HANDLE, v256",
        "HANDLE, h1",
        "VARIABLE, #1",
        "VARIABLE, 3",
        "SWITCH, 2",
        "BATCH_SIZE, 0",
        "BATCH_SIZE, 97",
        "DOMAIN_TYPE, arm",
        "MEMORY_OPERATION, exchange",
    })
    void shouldRefuse(Operand operand, String text) {
        assertThat(operand.accepts(text)).isFalse();
    }
}
