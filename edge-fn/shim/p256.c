/* Multiples of P-256's generator by ring's general multiplication, the constant-time one that it uses for
   a peer's point, in place of its one for the generator, whose table of 151,552 bytes hardly compresses:
   docs/size.md. build.rs gives PREFIX, which ring puts before its symbols, and has the linker send here
   what ring calls (https://sourceware.org/binutils/docs/ld/Options.html, --wrap). */

#include <stdint.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define RING(name) JOIN(PREFIX, name)
#define WRAP(name) JOIN(__wrap_, RING(name))

typedef uint64_t Limb;

void RING(p256_point_mul)(Limb r[3][4], const Limb scalar[4], const Limb x[4], const Limb y[4]);

/* The generator (FIPS 186-5 by way of SP 800-186, 3.2.1.3) in Montgomery form, least limb first:
   https://github.com/briansmith/ring/blob/0.17.14/src/ec/suite_b/ops/p256.rs, GENERATOR. */
static const Limb X[4] = {0x79e730d418a9143c, 0x75ba95fc5fedb601, 0x79fb732b77622510, 0x18905f76a53755c6};
static const Limb Y[4] = {0xddf25357ce95560a, 0x8b4ab8e4ba19e45c, 0xd2e88688dd21f325, 0x8571ff1825885d85};

void WRAP(p256_point_mul_base)(Limb r[3][4], const Limb scalar[4]) {
    RING(p256_point_mul)(r, scalar, X, Y);
}

void WRAP(p256_point_mul_base_vartime)(Limb r[3][4], const Limb scalar[4]) {
    RING(p256_point_mul)(r, scalar, X, Y);
}
