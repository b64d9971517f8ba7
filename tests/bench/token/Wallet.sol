// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// @title A contract wallet with one owner.
/// @notice Takes its owner's signature in two forms: as 65 bytes, and wrapped as Coinbase's smart
/// wallet does, `abi.encode(SignatureWrapper(ownerIndex, signatureData))`
/// (https://github.com/coinbase/smart-wallet, src/CoinbaseSmartWallet.sol).
contract Wallet {
    struct SignatureWrapper {
        uint256 ownerIndex;
        bytes signatureData;
    }

    address public immutable owner;

    constructor(address owner_) {
        owner = owner_;
    }

    /// https://eips.ethereum.org/EIPS/eip-1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bytes memory plain = signature;
        if (signature.length != 65) {
            SignatureWrapper memory wrapper = abi.decode(signature, (SignatureWrapper));
            if (wrapper.ownerIndex != 0) return 0xffffffff;
            plain = wrapper.signatureData;
        }
        if (plain.length != 65) return 0xffffffff;
        (bytes32 r, bytes32 s) = abi.decode(plain, (bytes32, bytes32));
        address signer = ecrecover(hash, uint8(plain[64]), r, s);
        return signer != address(0) && signer == owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
