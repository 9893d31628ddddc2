/**
 * The part of libsrtp 3's interface that the mediasoup worker uses, on top of libsrtp 2.
 *
 * libsrtp 3 writes its result to a second buffer whose size it is told; libsrtp 2 works in place, counts in `int`, and trusts
 * the caller to have left room for what it appends. Each function below therefore checks the room, copies, and calls
 * the in-place function of the same name.
 */
#ifndef PARLEY_SRTP_H
#define PARLEY_SRTP_H

#include <srtp2/srtp.h>

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>

/* Statuses that libsrtp 2 does not have, with the values that libsrtp 3 gives them. */
#define srtp_err_status_buffer_small static_cast<srtp_err_status_t>(28)
#define srtp_err_status_cryptex_err static_cast<srtp_err_status_t>(29)

namespace parley
{
	/* An SRTCP packet also carries its index, one word, before the tag (RFC 3711 section 3.4). */
	constexpr size_t SrtpMaxGrowth{ SRTP_MAX_TRAILER_LEN };
	constexpr size_t SrtcpMaxGrowth{ SRTP_MAX_TRAILER_LEN + sizeof(uint32_t) };

	template<typename InPlace>
	inline srtp_err_status_t inPlace(
	  const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t maxGrowth, InPlace run)
	{
		if (inLen > static_cast<size_t>(INT_MAX))
		{
			return srtp_err_status_bad_param;
		}

		if (*outLen < inLen + maxGrowth)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::memmove(out, in, inLen);
		}

		int len = static_cast<int>(inLen);
		const srtp_err_status_t status = run(out, &len);

		if (status == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(len);
		}

		return status;
	}
} // namespace parley

/* The worker never uses an MKI, so its index is always 0 and libsrtp 2 needs none. */
inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return parley::inPlace(
	  rtp, rtpLen, srtp, srtpLen, parley::SrtpMaxGrowth,
	  [ctx](uint8_t* data, int* len) { return ::srtp_protect(ctx, data, len); });
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	return parley::inPlace(
	  rtcp, rtcpLen, srtcp, srtcpLen, parley::SrtcpMaxGrowth,
	  [ctx](uint8_t* data, int* len) { return ::srtp_protect_rtcp(ctx, data, len); });
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t ctx, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return parley::inPlace(
	  srtp, srtpLen, rtp, rtpLen, 0, [ctx](uint8_t* data, int* len) { return ::srtp_unprotect(ctx, data, len); });
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t ctx, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return parley::inPlace(
	  srtcp, srtcpLen, rtcp, rtcpLen, 0,
	  [ctx](uint8_t* data, int* len) { return ::srtp_unprotect_rtcp(ctx, data, len); });
}

/* Both take the SSRC as it stands in the packet. */
inline srtp_err_status_t srtp_stream_remove(srtp_t ctx, uint32_t ssrc)
{
	return ::srtp_remove_stream(ctx, ssrc);
}

#endif
