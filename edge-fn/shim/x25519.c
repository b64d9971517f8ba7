/* X25519's public keys by ring's general multiplication, the constant-time one that it uses for a peer's key, in
   place of its one for the base point, whose table of 24,576 bytes does not compress: docs/size.md. build.rs gives
   PREFIX, as for p256.c. */

#include <stdint.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define RING(name) JOIN(PREFIX, name)
#define WRAP(name) JOIN(__wrap_, RING(name))

void RING(x25519_scalar_mult_adx)(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);
void RING(x25519_scalar_mult_generic_masked)(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

/* https://www.rfc-editor.org/rfc/rfc7748#section-4.1 */
static const uint8_t BASE[32] = {9};

void WRAP(x25519_public_from_private_generic_masked)(uint8_t out[32], const uint8_t masked[32], int has_adx) {
    (has_adx ? RING(x25519_scalar_mult_adx) : RING(x25519_scalar_mult_generic_masked))(out, masked, BASE);
}
